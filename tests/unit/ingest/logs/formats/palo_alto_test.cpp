#include <algorithm>
#include <gtest/gtest.h>
#include <string>

#include "ingest/logs/formats/messages.h"
#include "unit/ingest/logs/formats/message_play.h"

namespace nw::logs {
namespace {

std::string play(const std::string& text) {
  MessagePlay play{palo_alto_format()};
  return play.play(text);
}
// `type` is "TRAFFIC,end".
std::string line(const char* type, const std::string& rest) {
  return "1,2026/01/15 08:02:04,0042," + std::string{type} + ",2817,2026/01/15 08:02:03," + rest;
}
std::string told(const char* type, const std::string& rest) { return play(line(type, rest)); }
void expect_told(const char* type, const std::string& rest, const std::string& want) {
  SCOPED_TRACE(type);
  const std::string got = told(type, rest);
  EXPECT_NE(got.find(want), std::string::npos) << got;
}
std::string commas(std::size_t count) { return std::string(count, ','); }

constexpr const char* kFlow =
    "192.0.2.30,198.51.100.40,203.0.113.3,198.51.100.40,allow out,dom\\op,,ssl,vsys1,trust,untrust,ethernet1/2,"
    "ethernet1/1,fwd,2026/01/15 08:02:03,4711,1,50000,443,61000,443,0x400053,tcp,allow,";

TEST(PaloAlto, Traffic) {
  EXPECT_EQ(
      told("TRAFFIC,end", std::string{kFlow} + "1500,500,1000,9,2026/01/15 08:01:58,5,any,0,77,0x0,US,DE,0,4,5,tcp-fin,"
                                               "0,0,0,0,,fw-9,from-policy"),
      R"({"_path":"palo_alto.traffic","ts":1768464123.000000,"id.orig_h":"192.0.2.30","id.orig_p":50000,)"
      R"("id.resp_h":"198.51.100.40","id.resp_p":443,"proto":"tcp","host":"fw-9","src_ip":"192.0.2.30",)"
      R"("src_port":50000,"dst_ip":"198.51.100.40","dst_port":443,"blocked":"false",)"
      R"("receive_time":"2026/01/15 08:02:04","serial":"0042","type":"TRAFFIC","subtype":"end",)"
      R"("time_generated":"2026/01/15 08:02:03","src":"192.0.2.30","dst":"198.51.100.40","natsrc":"203.0.113.3",)"
      R"("natdst":"198.51.100.40","rule":"allow out","srcuser":"dom\\op","app":"ssl","vsys":"vsys1","from":"trust",)"
      R"("to":"untrust","inbound_if":"ethernet1/2","outbound_if":"ethernet1/1","logset":"fwd","sessionid":4711,)"
      R"("repeatcnt":1,"sport":50000,"dport":443,"natsport":61000,"natdport":443,"flags":"0x400053","action":"allow",)"
      R"("bytes":1500,"bytes_sent":500,"bytes_received":1000,"packets":9,"start":"2026/01/15 08:01:58","elapsed":5,)"
      R"("category":"any","seqno":77,"actionflags":"0x0","srcloc":"US","dstloc":"DE","pkts_sent":4,"pkts_received":5,)"
      R"("session_end_reason":"tcp-fin","dg_hier_level_1":0,"dg_hier_level_2":0,"dg_hier_level_3":0,)"
      R"("dg_hier_level_4":0,"device_name":"fw-9","action_source":"from-policy"})"
      "\n");
}

// Columns that newer versions added, found by counting from those that stand fast.
TEST(PaloAlto, TheLastColumnsOfEachKind) {
  const std::string flow = kFlow;
  // PAN-OS 11: 102 is high_res_timestamp, 105 the first of the application's.
  expect_told("TRAFFIC,end",
              flow + commas(71) + "2026-01-15T09:02:03.250+01:00,,,sub,cat,tech,4,traits,,inner,no,yes,0,flow,c1",
              R"("high_res_timestamp":"2026-01-15T09:02:03.250+01:00","subcategory_of_app":"sub",)"
              R"("category_of_app":"cat","technology_of_app":"tech","risk_of_app":4,"characteristic_of_app":"traits",)"
              R"("tunneled_app":"inner","is_saas_of_app":"no","sanctioned_state_of_app":"yes","offloaded":"0",)"
              R"("flow_type":"flow","cluster_name":"c1"})");
  expect_told("THREAT,vulnerability",
              flow + "\"a,b\",Name-1,any,high,client-to-server,9,0x0,US,DE" + commas(69) + "why,ok",
              R"("misc":"a,b","threatid":"Name-1","category":"any","severity":"high","direction":"client-to-server",)"
              R"("seqno":9,"actionflags":"0x0","srcloc":"US","dstloc":"DE","reason":"why","justification":"ok"})");
  expect_told("DECRYPTION,0", flow + "N/A,,,,,rule-uuid,Cert,Cert,TLS1.3,ECDHE,AES_256_GCM,SHA384,pol,x25519,None",
              R"("tunnel":"N/A","rule_uuid":"rule-uuid","hs_stage_c2f":"Cert","hs_stage_f2s":"Cert",)"
              R"("tls_version":"TLS1.3","tls_keyxchg":"ECDHE","tls_enc":"AES_256_GCM","tls_auth":"SHA384",)"
              R"("policy_name":"pol","ec_curve":"x25519","err_index":"None"})");
  expect_told("END,0", flow + "low,5,0x0,US,DE,1,2,3,4,vs,fw-9,0,tag,0,,GRE,10,4,6",
              R"("severity":"low","seqno":5,"actionflags":"0x0","srcloc":"US","dstloc":"DE","dg_hier_level_1":1,)"
              R"("dg_hier_level_2":2,"dg_hier_level_3":3,"dg_hier_level_4":4,"vsys_name":"vs","device_name":"fw-9",)"
              R"("tunnelid":"0","monitortag":"tag","parent_session_id":0,"tunnel":"GRE","bytes":10,"bytes_sent":4,)"
              R"("bytes_received":6})");
}

TEST(PaloAlto, KindsWithoutAFlow) {
  expect_told("SYSTEM,auth",
              ",auth-fail,,0,0,general,medium,\"failed for op, 3 times\",12,0x0,0,0,0,0,,fw-9,0,0,2026-01-15T08:02:05Z",
              R"("eventid":"auth-fail","module":"general","severity":"medium","opaque":"failed for op, 3 times",)"
              R"("seqno":12,"actionflags":"0x0",)");
  expect_told(
      "GLOBALPROTECT,0",
      "vsys1,gateway-auth,login,SAML,,op,DE,PC7,203.0.113.9,0.0.0.0,10.9.8.7,0.0.0.0,host-id,SN1,6.1,Windows,"
      "\"Windows 11 , 64-bit\",1,,,,failure,site,0,on-demand,3,GP-1,44,0x0,2026-01-15T08:02:05.5Z,auto,12,1,g1,g1,"
      "0,0,0,0,,fw-9,1",
      R"("id.orig_h":"203.0.113.9","host":"fw-9","receive_time":)");
  expect_told("GLOBALPROTECT,0", "vsys1,gateway-auth,login,SAML,,op,DE,PC7,203.0.113.9",
              R"("eventid":"gateway-auth","stage":"login","auth_method":"SAML","srcuser":"op","srcregion":"DE",)"
              R"("machinename":"PC7","public_ip":"203.0.113.9"})");
  expect_told("USERID,login", "vsys1,192.0.2.44,dom\\op,agent,0,1,2700,0,0,vpn-client,globalprotect,7,0x0",
              R"("id.orig_h":"192.0.2.44","src_ip":"192.0.2.44",)");
  expect_told("HIPMATCH,0", "op,vsys1,PC7,Windows,192.0.2.44,no-av,1,profile,0,0,3,0x0",
              R"("srcuser":"op","vsys":"vsys1","machinename":"PC7","os":"Windows","src":"192.0.2.44",)"
              R"("matchname":"no-av","repeatcnt":1,"matchtype":"profile","seqno":3,"actionflags":"0x0"})");
  expect_told("AUTHENTICATION,0", "vsys1,192.0.2.44,op,op,prof,pol,1,55,,fwd,radius,bad password,Web,failure,1",
              R"("ip":"192.0.2.44","user":"op","normalize_user":"op","object":"prof","authpolicy":"pol","repeatcnt":1,)"
              R"("authid":"55","logset":"fwd","serverprofile":"radius","desc":"bad password","clienttype":"Web",)"
              R"("event":"failure","factorno":1})");
  expect_told("IPTAG,0", "vsys1,192.0.2.44,quarantine,login,1,0,agent,xml-api,,8,0x0",
              R"("ip":"192.0.2.44","tag_name":"quarantine","event_id":"login","repeatcnt":1,"timeout":0,)"
              R"("datasourcename":"agent","datasource_type":"xml-api","seqno":8,"actionflags":"0x0"})");
  expect_told(
      "CORRELATION,0", "192.0.2.44,op,vsys1,compromised-host,high,0,0,0,0,,fw-9,1,beacon,6005,seen 3 times",
      R"("device_name":"fw-9","vsys_id":1,"objectname":"beacon","object_id":"6005","evidence":"seen 3 times"})");
  expect_told("SCTP,", "192.0.2.1,192.0.2.2,,,r,,,,vsys1,a,b,,,,,1,1,2905,2905,,,,,sctp,allow,0,0,0,0,,fw-9,5",
              R"("proto":"sctp","host":"fw-9",)");
  expect_told("GTP,start",
              "192.0.2.1,192.0.2.2,,,r,,,gtp-c,vsys1,a,b,,,,,1,,2123,2123,,,,udp,allow,40,4912345,internet",
              R"("action":"allow","event_type":"40","msisdn":"4912345","apn":"internet"})");
  expect_told("AUDIT,0", "x,y", R"("more_columns":"x,y","receive_time":"2026/01/15 08:02:04")");
}

TEST(PaloAlto, ConfigWithAndWithoutDetails) {
  expect_told("CONFIG,0", "192.0.2.60,,set,op,Web,Succeeded, mgt-config users mallory,99,0x0,0,0,0,0,,fw-9",
              R"("client_host":"192.0.2.60","cmd":"set","admin":"op","client":"Web","result":"Succeeded",)"
              R"("path":" mgt-config users mallory","seqno":99,"actionflags":"0x0","dg_hier_level_1":0)");
  expect_told("CONFIG,0", "192.0.2.60,,set,op,Web,Succeeded,path,\"old, it\",new,99,0x0,0,0,0,0,,fw-9",
              R"("path":"path","before_change_detail":"old, it","after_change_detail":"new","seqno":99)");
}

// 9.1.0 to 9.1.2 had the type in another place.
TEST(PaloAlto, TheFirstGlobalProtect) {
  const std::string got = play(
      "1,2026/01/15 08:02:04,0042,31,0x0,GLOBALPROTECT,0,2304,2026/01/15 08:02:03,vsys1,"
      "portal-auth,login,LDAP,,op,DE,PC7,203.0.113.9");
  EXPECT_NE(
      got.find(R"("id.orig_h":"203.0.113.9","receive_time":"2026/01/15 08:02:04","serial":"0042","seqno":31,)"
               R"("actionflags":"0x0","type":"GLOBALPROTECT","subtype":"0",)"
               R"("time_generated":"2026/01/15 08:02:03","vsys":"vsys1","eventid":"portal-auth","stage":"login")"),
      std::string::npos)
      << got;
}

TEST(PaloAlto, UrlsAreAProxys) {
  const std::string flow = kFlow;
  const std::string got =
      told("THREAT,url", flow +
                             "\"h.example:8443/x?y=\"\"1\"\"\",(9999),news,informational,client-to-server,"
                             "9,0x0,US,DE,0,text/html,0,,,1,\"Agent, 1\",,,http://r.example/" +
                             commas(14) + "post");
  EXPECT_TRUE(got.starts_with("{\"_path\":\"palo_alto.url\""));
  EXPECT_NE(
      got.find(R"("c-uri":"h.example:8443/x?y=\"1\"","c-useragent":"Agent, 1","cs-method":"post",)"
               R"("cs-referer":"http://r.example/","cs-username":"dom\\op","cs-host":"h.example","r-dns":"h.example")"),
      std::string::npos)
      << got;
}

TEST(PaloAlto, Quotes) {
  struct Case {
    const char *name, *opaque, *want;
  };
  static constexpr Case kCases[] = {
      {"doubled", "\"say \"\"no\"\", twice\"", R"("opaque":"say \"no\", twice")"},
      {"not doubled", "\"o\"brien, op\"", R"("opaque":"o\"brien, op")"},
      {"empty", "\"\"", R"("severity":"low","seqno":5)"},
      {"never ended", "\"half", R"("opaque":"\"half")"},
      {"inside", "a \"b\" c", R"("opaque":"a \"b\" c")"},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    expect_told("SYSTEM,general", std::string{",x,,0,0,general,low,"} + c.opaque + ",5,0x0", c.want);
  }
}

TEST(PaloAlto, Times) {
  const auto ts = [](const std::string& text) {
    const std::string got = play(text);
    return got.substr(got.find("\"ts\":") + 5, 17);
  };
  EXPECT_EQ(ts(line("SYSTEM,x", ",,,,,,,,,,,,,,,,,,2026-01-15T09:02:03.250+01:00")), "1768464123.250000");
  EXPECT_EQ(ts(line("SYSTEM,x", "")), "1768464123.000000");
  EXPECT_EQ(ts("1,2026/01/15 08:02:04,0042,SYSTEM,x,0,"), "1768464124.000000");
  EXPECT_EQ(ts("1,2026-01-15T08:02:04.5Z,0042,SYSTEM,x,0,"), "1768464124.500000");
  EXPECT_EQ(ts("1,2026/00/00 00:00:00,0042,SYSTEM,x,0,2026/00/00 00:00:00"), "1768464000.000000");
}

TEST(PaloAlto, ColumnsThatAreNotKnownAreKept) {
  expect_told("CORRELATION,0", "192.0.2.44,op,vsys1,c,high,0,0,0,0,,fw-9,1,b,6,seen,new one,\"x, y\"",
              R"("more_columns":"new one,\"x, y\"")");
  EXPECT_EQ(told("CORRELATION,0", "192.0.2.44,op,vsys1,c,high,0,0,0,0,,fw-9,1,b,6,seen,,,").find("more_columns"),
            std::string::npos);
}

TEST(PaloAlto, RefusesAndRecognises) {
  EXPECT_EQ(play(""), "fault: bad_header\n");
  EXPECT_EQ(play("1,2026/01/15 08:02:04,0042,NOTHING,x"), "fault: bad_header\n");
  EXPECT_EQ(play(line("TRAFFIC,end", commas(184))).find("fault"), std::string::npos);
  EXPECT_EQ(play(line("TRAFFIC,end", commas(185))), "fault: too_deep\n");

  const auto recognised = [](std::string_view text) {
    return palo_alto_format().recognise(MessagePlay::message(text));
  };
  EXPECT_TRUE(recognised(line("TRAFFIC,end", "")));
  EXPECT_TRUE(recognised("1,2026/01/15 08:02:04,0042,31,0x0,GLOBALPROTECT,0"));
  EXPECT_FALSE(recognised("1,2,3,4"));
  EXPECT_FALSE(recognised("12,2026/01/15 08:02:04,0042,TRAFFIC,end"));
  EXPECT_FALSE(recognised("TRAFFIC"));
}

TEST(PaloAlto, SigmaLogSources) {
  for (const event::TypeSpec& type : palo_alto_format().types) {
    EXPECT_EQ(type.product, "paloalto");
    // A field twice would have one number and two columns.
    std::vector<std::string_view> names;
    for (const event::FieldSpec& field : type.fields) names.push_back(field.name);
    std::ranges::sort(names);
    EXPECT_EQ(std::ranges::adjacent_find(names), names.end()) << type.path;
    const std::string_view service = type.path.substr(std::min(type.path.find('.') + 1, type.path.size()));
    if (type.path == "palo_alto") continue;
    EXPECT_EQ(type.services[0], service);
  }
}

}  // namespace
}  // namespace nw::logs
