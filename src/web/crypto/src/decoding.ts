import { type Bytes, utf8 } from '@appliance/formats';

/** Content-Transfer-Encoding (RFC 2045 §6), forgiving as §6.7 and §6.8 ask: what cannot be decoded stays or is left out. */
export function decodeTransfer(encoded: Bytes, encoding: string): Bytes {
  switch (encoding) {
    case 'base64': return decodeBase64(encoded);
    case 'quoted-printable': return decodeQuotedPrintable(encoded);
    default: return encoded;
  }
}

/** How many bytes come out, without decoding; for base64 as mailers write it, off by its padding at most: what four characters leave over is the end of the last line. */
export function decodedSize(node: { encoding: string; length: number; lines: number }): number {
  return node.encoding === 'base64' ? Math.floor(Math.max(node.length - 2 * (node.lines - 1), 0) / 4) * 3 : node.length;
}

const sextets = new Int8Array(256).fill(-1);
utf8('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/').forEach((byte, value) => sextets[byte] = value);

function decodeBase64(encoded: Bytes): Bytes {
  const decoded = new Uint8Array(Math.ceil(encoded.length * 3 / 4));
  let [length, bits, count] = [0, 0, 0];
  for (const byte of encoded) {
    const sextet = sextets[byte] ?? -1;
    if (sextet < 0) continue;
    bits = (bits << 6) | sextet;
    count += 6;
    if (count >= 8) decoded[length++] = bits >> (count -= 8);
  }
  return decoded.subarray(0, length);
}

function decodeQuotedPrintable(encoded: Bytes): Bytes {
  const decoded = new Uint8Array(encoded.length);
  let length = 0;
  for (let i = 0; i < encoded.length; i++) {
    const byte = encoded[i] ?? 0;
    if (byte !== 0x3d) {
      decoded[length++] = byte;
      continue;
    }
    const breakLength = softBreak(encoded, i + 1);
    const pair = String.fromCharCode(encoded[i + 1] ?? 0, encoded[i + 2] ?? 0);
    if (breakLength > 0) i += breakLength;
    else if (/^[0-9a-f]{2}$/i.test(pair)) {
      decoded[length++] = Number.parseInt(pair, 16);
      i += 2;
    } else decoded[length++] = byte;
  }
  return decoded.subarray(0, length);
}

/** How long the line break, with white space before it, is at `start`; 0 when there is none. */
function softBreak(encoded: Bytes, start: number): number {
  let i = start;
  while (encoded[i] === 0x20 || encoded[i] === 0x09) i++;
  if (encoded[i] === 0x0d && encoded[i + 1] === 0x0a) return i + 2 - start;
  return encoded[i] === 0x0a ? i + 1 - start : 0;
}

/** Text in the charset it names; one that is unknown, or wrong, is read as UTF-8 if it is that, else as Windows-1252. */
export function decodeText(bytes: Bytes, charset: string | undefined): string {
  for (const label of [charset === 'us-ascii' ? 'utf-8' : charset ?? 'utf-8', 'utf-8']) {
    try {
      return new TextDecoder(label, { fatal: true }).decode(bytes);
    } catch {
      // the next one
    }
  }
  return new TextDecoder('windows-1252').decode(bytes);
}
