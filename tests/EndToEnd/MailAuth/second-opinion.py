"""What dkimpy, pyspf and authheaders say of messages, and dkimpy's signatures.

sign:   standard input is a list of {file, domain, selector, algorithm, canonicalization, key}; each file gets a signature on top.
verify: standard input is {txt: {name: [text]}, messages: [{file, ip, helo, from}]}; prints a list of {spf, dkim: [bool], dmarc, policy}.
"""
import json
import sys

import authheaders
import authheaders.dmarc_lookup
import dkim
import spf


def sign(jobs):
    for job in jobs:
        with open(job["file"], "rb") as file:
            message = file.read()
        header, body = job["canonicalization"].split("/")
        field = dkim.DKIM(message, signature_algorithm=job["algorithm"].encode()).sign(
            job["selector"].encode(), job["domain"].encode(), job["key"].encode(), canonicalize=(header.encode(), body.encode()),
            include_headers=[b"from", b"to", b"subject"])
        with open(job["file"], "wb") as file:
            file.write(field + message)


def verify(work):
    txt = {name.lower(): texts for name, texts in work["txt"].items()}

    def look_up(name, qtype, *_, **__):
        name = name.rstrip(".").lower()
        return [((name, "TXT"), (text.encode(),)) for text in txt.get(name, [])] if qtype == "TXT" else []

    spf.DNSLookup = look_up
    # The list of public suffixes has no "example".
    authheaders.get_org_domain = authheaders.dmarc_lookup.get_org_domain = lambda domain: ".".join(domain.split(".")[-2:])

    def one_text(name, timeout=5):
        name = (name.decode() if isinstance(name, bytes) else name).rstrip(".").lower()
        texts = txt.get(name, [])
        return texts[0] if len(texts) == 1 else None

    def key(name, timeout=5):
        text = one_text(name)
        return text.encode() if text else None

    results = []
    for item in work["messages"]:
        with open(item["file"], "rb") as file:
            message = file.read()
        sender, _ = spf.check2(item["ip"], item["from"], item["helo"])
        signatures, signed_by = [], []
        count = sum(1 for name, _ in dkim.rfc822_parse(message)[0] if name.lower() == b"dkim-signature")
        for index in range(count):
            verifier = dkim.DKIM(message)
            try:
                holds = verifier.verify(index, dnsfunc=key)
            except dkim.DKIMException:
                holds = False
            signatures.append(holds)
            if holds:
                signed_by.append(verifier.domain.decode())
        # It weighs one signature at a time, and changes the result of SPF that it is given.
        verdicts = [
            authheaders.check_dmarc(message, authheaders.SPFAuthenticationResult(result=sender, smtp_mailfrom=item["from"]), domain and authheaders.DKIMAuthenticationResult(result="pass", header_d=domain), dnsfunc=one_text)
            for domain in (signed_by or [None])]
        best = next((verdict for verdict in verdicts if verdict.result == "pass"), verdicts[0])
        results.append({"spf": sender, "dkim": signatures, "dmarc": best.result, "policy": getattr(best, "policy", None)})
    return results


if sys.argv[1] == "sign":
    sign(json.load(sys.stdin))
else:
    json.dump(verify(json.load(sys.stdin)), sys.stdout)
