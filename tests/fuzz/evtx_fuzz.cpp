// Any bytes as a chunk of a Windows event log: never a crash, and an end; a record without a fault is XML, and what it
// is as an event does not depend on the records before.
#include <cstdint>
#include <cstdlib>

#include "ingest/logs/formats/evtx.h"
#include "ingest/logs/formats/messages.h"
#include "ingest/logs/formats/xml_reader.h"
#include "unit/ingest/logs/formats/message_play.h"
#include "unit/ingest/logs/formats/shipped_mapping.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static nw::logs::MessagePlay events{nw::logs::windows_xml_format(), nw::logs::with_mapping("windows")};
  const nw::Bytes bytes{data, size};
  if (size >= nw::logs::kEvtxHeaderBytes) (void)nw::logs::evtx_chunks_at(bytes);
  nw::logs::EvtxChunk chunk;
  chunk.open(bytes);
  std::size_t records = 0;
  for (nw::logs::EvtxChunk::Record record; chunk.next(record);) {
    if (++records > nw::logs::kEvtxChunkBytes / 8 + 1) std::abort();
    if (record.fault != nw::logs::EvtxChunk::Fault::none) continue;
    nw::logs::XmlReader xml{record.xml};
    auto token = xml.next();
    while (token < nw::logs::XmlReader::Token::end) token = xml.next();
    if (token == nw::logs::XmlReader::Token::cut) std::abort();
    const std::string told = events.play(record.xml);
    (void)events.flush(nw::logs::MessagePlay::received(), true);
    if (events.play(record.xml) != told) std::abort();
    (void)events.flush(nw::logs::MessagePlay::received(), true);
  }
  return 0;
}
