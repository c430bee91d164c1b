"""README.txt of a case file: how it is checked without seamline."""

from __future__ import annotations

TEXT = r"""This is a case file: what was found about garments that may copy a protected design, who judged it and when.

  case.json       the case and its pairs of garments, with figures, verdicts and notes
  log.jsonl       everything that was done, one entry a line
  answers/        for each pair, what the server answered, with the versions of all that had a part in it
  photos/         the photos as they were received, each named by the SHA-256 of its bytes
  evidence.html   the same for people; any browser shows it, without a network (evidence.pdf: for print)
  notice.txt      the text that goes to whoever is to read it; empty if none was written
  manifest.json   SHA-256 and size of every file above, and the digest of the last log entry ("head")
  manifest.tsr    where there is one: an authority's statement of when manifest.json was there (RFC 3161)

With seamline (pip install 'seamline[desk]'), this checks all of it:

  seamline case verify FILE.zip

Without seamline: unpack the file into an empty folder and check there, with Python 3 and sha256sum,

1. that every file is the one that the manifest lists, and that there is no other:

python3 -c '
import json
for name, file in json.load(open("manifest.json", encoding="utf-8"))["files"].items():
    print(file["sha256"] + "  " + name)
' | sha256sum --check

2. that the log is a chain. Each line is one entry as JSON with its keys in order, without spaces, in UTF-8. Its
   "digest" is the SHA-256 of the same line written without "digest"; its "previous" is the digest of the line before,
   64 zeros in the first. The last digest is the manifest's "head".

python3 -c '
import hashlib, json
previous = "0" * 64
for line in open("log.jsonl", encoding="utf-8", newline="\n"):
    entry = json.loads(line)
    digest = entry.pop("digest")
    text = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    sound = entry["previous"] == previous and hashlib.sha256(text.encode()).hexdigest() == digest
    print(entry["number"], entry["at"], entry["who"], entry["kind"], "sound" if sound else "ALTERED")
    previous = digest
print("head", "sound" if json.load(open("manifest.json", encoding="utf-8"))["head"] == previous else "ALTERED")
'

3. where there is a manifest.tsr, with OpenSSL and the authority's root certificate (--untrusted names those between):

openssl ts -verify -data manifest.json -in manifest.tsr -CAfile root.pem

What this proves: that nothing was changed in one place without changing it in all. Somebody who writes the log, all
files and the manifest anew makes a case file that is consistent as well. Only two things tell it apart: the time
stamp, which nobody but its authority can make, and a head that was noted elsewhere while the case was open.
"""
