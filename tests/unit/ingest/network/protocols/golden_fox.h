// Frames of Niagara Fox written by hand: rows of golden_frames.cpp, which takes them in.

{"fox", "hello", Transport::tcp, Direction::to_responder,
 "'fox a 1 -1 fox hello' 0a"
 "'{' 0a"
 "'fox.version=s:1.0' 0a"
 "'id=i:1' 0a"
 "'hostName=s:xpvm' 0a"
 "'app.name=s:Workbench' 0a"
 "'app.version=s:3.7.44' 0a"
 "'brandId=s:vykon' 0a"
 "'};;' 0a"},
{"fox", "station_hello", Transport::tcp, Direction::to_originator,
 "'fox a 0 -1 fox hello' 0a"
 "'{' 0a"
 "'fox.version=s:1.0' 0a"
 "'hostName=s:192.0.2.15' 0a"
 "'hostAddress=s:192.0.2.15' 0a"
 "'app.name=s:Station' 0a"
 "'app.version=s:3.5.41.1' 0a"
 "'vm.name=s:J9' 0a"
 "'vm.version=s:2.3' 0a"
 "'os.name=s:QNX' 0a"
 "'os.version=s:6.3.2' 0a"
 "'station.name=s:Legion_HQ' 0a"
 "'lang=s:en' 0a"
 "'timeZone=s:Australia/Perth;28800000;0;null;null' 0a"
 "'hostId=s:Qnx-NPM6-0000-149C-30C0' 0a"
 "'vmUuid=s:11e4d864-cd0e-664a' 0a"
 "'brandId=s:vykon' 0a"
 "'sysInfo=o:bog 9[<a></a>};]' 0a"
 "'};;' 0a"},
{"fox", "challenge", Transport::tcp, Direction::to_originator,
 "'fox a 1 -1 fox challenge' 0a"
 "'{' 0a"
 "'method=s:digest-md5' 0a"
 "'nonce=b:4[};;;]' 0a"
 "'};;' 0a"},
{"fox", "login", Transport::tcp, Direction::to_responder,
 "'fox s 2 -1 fox authenticate' 0a"
 "'{' 0a"
 "'username=s:operator' 0a"
 "'};;' 0a"},
{"fox", "welcome", Transport::tcp, Direction::to_originator,
 "'fox r 2 2 fox welcome' 0a"
 "'{' 0a"
 "'};;' 0a"},
{"fox", "rejected", Transport::tcp, Direction::to_originator,
 "'fox r 2 2 fox rejected' 0a"
 "'{' 0a"
 "'};;' 0a"},
{"fox", "file", Transport::tcp, Direction::to_responder,
 "'fox s 3 -1 file open' 0a"
 "'{' 0a"
 "'};;' 0a"},
