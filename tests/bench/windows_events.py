#!/usr/bin/env python3
"""Windows events as JSON lines, flat as NXLog writes them: real ones again and again with other values, or invented ones.

    windows_events.py OUT COUNT [DIRECTORY]    the events of DIRECTORY/*.json that have EventID, Channel and Hostname

Deterministic: the same arguments give the same bytes. Numbers, GUIDs, SIDs, hashes, addresses, times, hosts, users and the
names of scratch files differ from copy to copy, and agree within one event.
"""

import json
import pathlib
import random
import re
import sys

# Values that say what kind of event it is stay.
KEPT = {"EventID", "Channel", "Task", "Level", "Version", "Opcode", "OpcodeValue", "Keywords", "Severity", "SeverityValue",
        "SourceName", "ProviderGuid", "Provider_Name", "LogonType", "EventType", "GrantedAccess", "AccessMask", "Protocol"}
VARIED = re.compile(
    r"(?P<guid>\b[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}\b)"
    r"|(?P<sid>\bS-1-5-21-\d+-\d+-\d+)"
    r"|(?P<clock>(?<=[ T])\d\d:\d\d:\d\d)"
    r"|(?P<hash>\b(?:[0-9A-F]{64}|[0-9A-F]{40}|[0-9A-F]{32})\b)"
    r"|(?P<address>\b(?:10|172|192)\.\d{1,3}\.\d{1,3}\.\d{1,3}\b)"
    r"|(?P<hex>\b0x[0-9a-f]{3,8}\b)"
    r"|(?P<offset>(?<=dll\+)[0-9a-f]+)"
    r"|(?P<host>\b(?:WORKSTATION|MXS|WEC|DC|ADFS)\d+)"
    r"|(?P<user>\b(?:wardog|pgustavo|sbeavers|cjones|adfsadmin)\b)"
    r"|(?P<file>\b\w+(?=\.(?:tmp|log|pf|ps1|txt|dat|zip)\b))"
    r"|(?P<number>(?<![\w.%-])\d{4,7}(?![\w.%-]))")
MARK = re.compile(r'"\x01#(\w+)\x02([^\x03]*)\x03"|\x01(\w+)\x02([^\x03]*)\x03')
SYLLABLES = ("an", "ber", "cor", "dal", "el", "fen", "gar", "hol", "is", "jo", "kar", "lin", "mor", "nor", "os", "per")


def invented():
    """An event of each kind that rules ask most about; every value is made up."""
    sysmon, security = "Microsoft-Windows-Sysmon", "Microsoft-Windows-Security-Auditing"
    guid, process = "{39e4a257-f133-5f8b-3100-000000000700}", r"C:\Windows\System32\svchost.exe"
    subject = {"SubjectUserSid": "S-1-5-21-1000-2000-3000-500", "SubjectUserName": "wardog", "SubjectDomainName": "EXAMPLE",
               "SubjectLogonId": "0xc61d9"}
    hashes = f"SHA1={'A1' * 20},MD5={'B2' * 16},SHA256={'C3' * 32},IMPHASH={'D4' * 16}"
    of_sysmon = {
        1: (4, {"Image": r"C:\Windows\System32\cmd.exe", "CommandLine": r'"C:\Windows\System32\cmd.exe" /c "dir C:\Users\wardog\run1.ps1"',
                "ParentImage": r"C:\Windows\explorer.exe", "ParentCommandLine": r"C:\Windows\Explorer.EXE", "User": r"EXAMPLE\wardog",
                "CurrentDirectory": "C:\\Users\\wardog\\", "IntegrityLevel": "High", "OriginalFileName": "Cmd.Exe", "Hashes": hashes,
                "Company": "Example Corporation", "Product": "Example System", "Description": "Command processor"}),
        3: (4, {"Image": process, "User": r"NT AUTHORITY\SYSTEM", "Protocol": "tcp", "Initiated": "true", "SourceIp": "10.1.2.3",
                "SourcePort": 51234, "DestinationIp": "192.168.4.5", "DestinationPort": 443, "DestinationHostname": "-"}),
        7: (5, {"Image": process, "ImageLoaded": r"C:\Windows\System32\sechost.dll", "Hashes": hashes, "Signed": "true",
                "Signature": "Example Windows", "SignatureStatus": "Valid", "OriginalFileName": "sechost.dll"}),
        10: (6, {"SourceImage": process, "TargetImage": r"C:\Windows\System32\lsass.exe", "GrantedAccess": "0x1000",
                 "CallTrace": r"C:\Windows\SYSTEM32\ntdll.dll+9c584|C:\Windows\System32\KERNELBASE.dll+2730e",
                 "SourceProcessId": "1060", "TargetProcessId": "4444", "SourceThreadId": "2096"}),
        11: (3, {"Image": process, "TargetFilename": r"C:\Users\wardog\AppData\Local\Temp\scratch.tmp"}),
        12: (3, {"Image": process, "EventType": "CreateKey", "TargetObject": r"HKLM\System\CurrentControlSet\Services\W32Time\Config"}),
        13: (3, {"Image": process, "EventType": "SetValue", "TargetObject": r"HKU\S-1-5-21-1000-2000-3000-500\Software\Example\Run",
                 "Details": "DWORD (0x00000089)"}),
        22: (2, {"Image": process, "QueryName": "WORKSTATION5.example.org", "QueryStatus": "0", "QueryResults": "10.1.2.9;"}),
    }
    of_security = {
        4624: (3, {**subject, "TargetUserName": "pgustavo", "LogonType": 3, "LogonProcessName": "Kerberos", "IpAddress": "10.1.2.3",
                   "IpPort": "51234", "AuthenticationPackageName": "Kerberos", "WorkstationName": "-"}),
        4688: (4, {**subject, "NewProcessName": r"C:\Windows\System32\conhost.exe", "CommandLine": r"conhost.exe 0xffffffff -ForceV1",
                   "ParentProcessName": r"C:\Windows\System32\cmd.exe", "NewProcessId": "0x242c", "TokenElevationType": "%%1936"}),
        4663: (4, {**subject, "ObjectServer": "Security", "ObjectType": "Key", "ObjectName": r"\REGISTRY\MACHINE\SYSTEM\ControlSet001\Lsa",
                   "AccessMask": "0x1", "AccessList": "%%4432\n\t\t\t\t", "ProcessName": process, "HandleId": "0x3d18"}),
        5156: (5, {"Application": r"\device\harddiskvolume2\windows\system32\svchost.exe", "Direction": "%%14593",
                   "SourceAddress": "10.1.2.3", "SourcePort": "61628", "DestAddress": "10.1.2.9", "DestPort": "1900", "LayerRTID": "48"}),
        5158: (5, {"Application": r"\device\harddiskvolume2\windows\system32\dns.exe", "SourceAddress": "0.0.0.0", "SourcePort": "61628",
                   "LayerName": "%%14608", "FilterRTID": "70676"}),
    }
    of_powershell = {
        4103: (2, {"ContextInfo": "Severity = Informational\r\n Host Name = ConsoleHost\r\n Host Application = powershell.exe run.ps1\r\n",
                   "Payload": 'CommandInvocation(Get-Item): "Get-Item"\r\nParameterBinding(Get-Item): name="Path"; value="C:\\Users\\wardog"'}),
        4104: (2, {"ScriptBlockText": "function Get-Report {\n  param($Path)\n  Get-ChildItem $Path | Sort-Object Length | Out-File out.txt\n}\n",
                   "ScriptBlockId": guid, "MessageNumber": 1, "MessageTotal": 1, "Path": r"C:\Users\wardog\report.ps1"}),
    }
    system = {7045: (1, {"ServiceName": "ExampleSvc", "ImagePath": r"%SystemRoot%\system32\example.exe -k run", "ServiceType": "user mode service",
                         "StartType": "demand start", "AccountName": "LocalSystem"})}
    for channel, provider, kinds in (("Microsoft-Windows-Sysmon/Operational", sysmon, of_sysmon), ("Security", security, of_security),
                                     ("Microsoft-Windows-PowerShell/Operational", "Microsoft-Windows-PowerShell", of_powershell),
                                     ("System", "Service Control Manager", system)):
        for number, (share, fields) in kinds.items():
            common = {"EventID": number, "Channel": channel, "SourceName": provider, "Hostname": "WORKSTATION5.example.org", "Level": "4",
                      "Task": str(number % 100), "@timestamp": "2024-03-05T10:20:30.123Z", "Keywords": "0x8000000000000000",
                      "ProcessId": 4584, "RecordNumber": 394816}
            if provider == sysmon:
                common |= {"UtcTime": "2024-03-05 10:20:30.123", "ProcessGuid": guid, "RuleName": "-"}
            message = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
            yield from [{**common, **fields, "Message": f"Event {channel}:\r\n{message}"}] * share


def real(directory):
    """The events below `directory` that have this shape, in the order of the files."""
    for file in sorted(pathlib.Path(directory).glob("*.json")):
        for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
            event = json.loads(line) if line.startswith("{") else {}
            if {"EventID", "Channel", "Hostname"} <= event.keys():
                yield event


def template(event):
    """[text, (kind, value), text, ...]: what stays of the event's JSON, and what varies."""
    def marked(value):
        return VARIED.sub(lambda found: f"\x01{found.lastgroup}\x02{found[0]}\x03", value)

    out = {}
    for key, value in event.items():
        if key in KEPT:
            out[key] = value
        elif isinstance(value, str):
            out[key] = marked(value)
        elif isinstance(value, int) and not isinstance(value, bool) and value > 999:
            out[key] = f"\x01#number\x02{value}\x03"
        else:
            out[key] = value
    text = json.dumps(out, ensure_ascii=False).replace("\\u0001", "\x01").replace("\\u0002", "\x02").replace("\\u0003", "\x03")
    parts, at = [], 0
    for found in MARK.finditer(text):
        parts += [text[at : found.start()], (found[1] or found[3], found[2] or found[4])]
        at = found.end()
    return parts + [text[at:]]


def varied(kind, value, chance):
    """Another value of the kind, as long as the first where length means something."""
    bits = chance.getrandbits
    match kind:
        case "guid":
            return f"{bits(32):08x}{value[8:24]}{bits(48):012x}"
        case "sid":
            return f"S-1-5-21-{bits(31)}-{bits(31)}-{bits(31)}"
        case "clock":
            return f"{bits(8) % 24:02}:{bits(8) % 60:02}:{bits(8) % 60:02}"
        case "hash":
            return f"{bits(4 * len(value)):0{len(value)}X}"
        case "address":
            return f"{value.split('.')[0]}.{value.split('.')[1]}.{bits(8)}.{bits(8)}"
        case "hex":
            return f"0x{bits(4 * (len(value) - 2)):x}"
        case "offset":
            return f"{bits(20):x}"
        case "host":
            return f"{value.rstrip('0123456789')}{bits(9)}"
        case "user":
            return SYLLABLES[bits(4)] + SYLLABLES[bits(4)] + SYLLABLES[bits(4)]
        case "file":
            return f"{value}{bits(16):x}"
        case _:
            return str(10 ** (len(value) - 1) + bits(32) % (9 * 10 ** (len(value) - 1)))


def write(file, count, directory=None):
    """Writes `count` events to `file`; gives the number of different ones that they were made from."""
    source = list(real(directory)) if directory else []
    templates = [template(event) for event in source or invented()]
    chance = random.Random(20240305)
    with open(file, "w", encoding="utf-8") as out:
        for i in range(count):
            seen, line = {}, []
            for part in templates[i % len(templates)]:
                if isinstance(part, tuple):
                    if part not in seen:
                        seen[part] = varied(*part, chance)
                    part = seen[part]
                line.append(part)
            out.write("".join(line) + "\n")
    return len(templates)


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    print(write(sys.argv[1], int(sys.argv[2]), sys.argv[3] if len(sys.argv) == 4 else None), "templates")
