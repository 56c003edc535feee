// Rows of kGoldenFrames (golden_frames.cpp) for protocols whose bytes are text, wholly or at their beginning.

    {"ftp", "client", Transport::tcp, Direction::to_responder,
     "'USER anna\r\nPASS secret99\r\nCWD /pub\r\nPORT 192,0,2,1,195,80\r\nRETR a file.txt\r\nQUIT\r\n'"},
    {"ftp", "client_extended", Transport::tcp, Direction::to_responder,
     "'EPSV\r\nEPRT |2|2001:db8::1|49152|\r\n' ff f4 ff f2 'abor\r\nAUTH TLS\r\n'"},
    {"ftp", "server", Transport::tcp, Direction::to_originator,
     "'220-Welcome\r\n 220 lines\r\n220 Example FTP server\r\n331 Who?\r\n150 Here it comes\r\n226 Done\r\n'"},
    {"ftp-data", "file", Transport::tcp, Direction::to_originator, "'%PDF-1.4' 0a 'a page' 0a"},

    {"imap", "client", Transport::tcp, Direction::to_responder,
     "'a1 CAPABILITY\r\na2 LOGIN \"anna\" \"secret 99\"\r\na3 SELECT INBOX\r\na4 UID FETCH 1:* (FLAGS)\r\n"
     "a5 APPEND Sent {6}\r\nx y\r\nz\r\na6 LOGIN {4}\r\nanna {6+}\r\nsecret\r\na7 LOGOUT\r\n'"},
    {"imap", "server", Transport::tcp, Direction::to_originator, "'* OK IMAP4rev1 ready\r\n* BYE\r\na7 OK bye\r\n'"},

    {"pop3", "client", Transport::tcp, Direction::to_responder,
     "'CAPA\r\nUSER anna\r\nPASS secret99\r\nSTAT\r\nRETR 1\r\nDELE 1\r\nQUIT\r\n'"},
    {"pop3", "server", Transport::tcp, Direction::to_originator, "'+OK POP3 ready\r\n-ERR no\r\n+OK\r\n'"},

    {"smtp", "mail", Transport::tcp, Direction::to_responder,
     "'EHLO client.example\r\nMAIL FROM:<anna@example.com> SIZE=500\r\nRCPT TO:<bob@example.org>\r\n"
     "RCPT TO:<carol@example.org>\r\nDATA\r\n"
     "Received: from b.example (b.example [198.51.100.7]) by c.example;\r\n\tMon, 2 Mar 2020 10:00:00 +0100\r\n"
     "Received: from a.example ([IPv6:2001:db8::7])\r\n by b.example\r\n"
     "Date: Mon, 2 Mar 2020 09:59:00 +0100\r\nFrom: Anna <anna@example.com>\r\n"
     "To: \"Doe, Bob\" <bob@example.org>, carol@example.org\r\nCC: dan@example.net\r\n"
     "Reply-To: list@example.com\r\nMessage-ID: <1@example.com>\r\nIn-Reply-To: <0@example.org>\r\n"
     "Subject: one\r\n two\r\nX-Originating-IP: [203.0.113.5]\r\nX-Mailer: Example 1.0\r\n\r\n"
     "Subject: not this\r\n..\r\n.\r\nQUIT\r\n'"},
    {"smtp", "chunks", Transport::tcp, Direction::to_responder,
     "'HELO a\r\nMAIL FROM:<a@b>\r\nBDAT 13\r\nSubject: hi\r\nBDAT 4 LAST\r\n\r\n' fffe 'RSET\r\n'"},
    {"smtp", "parts", Transport::tcp, Direction::to_responder,
     "'HELO a\r\nMAIL FROM:<a@b>\r\nDATA\r\nSubject: two\r\nContent-Type: multipart/mixed;\r\n boundary=\"b 1\"\r\n\r\n"
     "--b 1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=E2=82=AC=\r\n 5 \r\n--b 1\r\n"
     "Content-Type: message/rfc822\r\n\r\nSubject: one\r\n\r\nhello\r\n--b 1\r\n"
     "Content-Disposition: attachment;\r\n filename*0*=utf-8' 27 27 'a%20;\r\n filename*1=\"b.pdf\"\r\n"
     "Content-Transfer-Encoding: base64\r\n\r\nJVBERi0x\r\nLjQK\r\n--b 1--\r\n.\r\nQUIT\r\n'"},
    {"smtp", "login", Transport::tcp, Direction::to_responder,
     "'EHLO a\r\nAUTH LOGIN\r\ndXNlcm5hbWU=\r\ncGFzc3dvcmQ=\r\n'"},

    {"socks", "client5", Transport::tcp, Direction::to_responder,
     "05 02 00 02  01 04 'anna' 06 'secret'  05 01 00 03 0b 'example.com' 01bb"},
    {"socks", "proxy5", Transport::tcp, Direction::to_originator,
     "05 02  01 00  05 01 00 04 20010db8000000000000000000000001 1234"},
    {"socks", "client4", Transport::tcp, Direction::to_responder, "04 01 0050 c6336402 'anna' 00"},
    {"socks", "client4a", Transport::tcp, Direction::to_responder, "04 02 0050 00000001 00 'example.com' 00"},
    {"socks", "proxy4", Transport::tcp, Direction::to_originator, "00 5b 0050 c6336402"},

    {"ssh", "client", Transport::tcp, Direction::to_responder,
     "'SSH-2.0-OpenSSH_9.2\r\n'"
     " 000000fc 08 14 000102030405060708090a0b0c0d0e0f"
     " 0000002f 'curve25519-sha256,diffie-hellman-group14-sha256'"
     " 00000018 'ssh-ed25519,rsa-sha2-256'"
     " 00000015 'aes128-ctr,aes256-ctr'"
     " 00000015 'aes128-ctr,aes256-ctr'"
     " 0000000d 'hmac-sha2-256'"
     " 0000000d 'hmac-sha2-256'"
     " 00000015 'none,zlib@openssh.com'"
     " 00000015 'none,zlib@openssh.com'"
     " 00000000"
     " 00000000"
     " 00 00000000 0000000000000000"
     " 0000000c 0a 15 00000000000000000000"},
    {"ssh", "server", Transport::tcp, Direction::to_originator,
     "'SSH-2.0-Example_1.0\r\n'"
     " 000000bc 09 14 000102030405060708090a0b0c0d0e0f"
     " 0000001d 'diffie-hellman-group14-sha256'"
     " 0000000c 'rsa-sha2-256'"
     " 0000000a 'aes256-ctr'"
     " 00000015 'aes256-ctr,aes128-ctr'"
     " 00000017 'hmac-sha1,hmac-sha2-256'"
     " 0000000d 'hmac-sha2-256'"
     " 00000004 'none'"
     " 00000004 'none'"
     " 00000000"
     " 00000000"
     " 00 00000000 000000000000000000"
     " 0000000c 0a 15 00000000000000000000"},

    {"ssh", "server_key", Transport::tcp, Direction::to_originator,
     "'SSH-2.0-Example_1.0\r\n'"
     " 00000044 0b 1f"
     " 00000033 0000000b 'ssh-ed25519' 00000020 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
     " 0000000000000000000000"
     " 0000000c 0a 15 00000000000000000000"},
    {"telnet", "client", Transport::tcp, Direction::to_responder,
     "fffb18 fffb27 fffa 18 00 'XTERM' fff0 fffa 27 00 00 'USER' 01 'anna' 02 03 00 'DISPLAY' 01 fff0 'anna' 0d0a 'secret' 0d00"},
    {"telnet", "server", Transport::tcp, Direction::to_originator,
     "fffd18 fffd27 fffa 18 01 fff0 1b5b'1mplc'1b5b'0m login: ' 0d0a 'Password: ' 0d0a 'Login incorrect' 0d0a 'login: ' fff9"},
