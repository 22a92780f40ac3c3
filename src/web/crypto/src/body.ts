import { type Bytes, type Slip, type Summary, concat, equal, fromBase64, readSlip, readSummary } from '@appliance/formats';
import type { MessageResponse } from '@appliance/api';
import type { PrivateKey } from 'openpgp';
import { SealBroken, openKeyPacket, openPart } from './pgp.ts';
import { sha256 } from './sealing.ts';

/**
 * A message whose summary is open: the rest opens piece by piece, each checked against the summary's manifest, so that a server can
 * neither change, drop nor exchange a segment unnoticed.
 */
export class OpenedBody {
  readonly summary: Summary;
  readonly #bodyKey: Bytes;
  readonly #slipKey: Bytes;

  private constructor(bodyKey: Bytes, slipKey: Bytes, summary: Summary) {
    this.#bodyKey = bodyKey;
    this.#slipKey = slipKey;
    this.summary = summary;
  }

  /** SealBroken when it does not open, FormatError when its version is unknown. */
  static async open(key: PrivateKey, message: Pick<MessageResponse, 'keyPackets' | 'summary' | 'slip'>): Promise<OpenedBody> {
    const sealed = { body: fromBase64(message.summary), slip: fromBase64(message.slip) };
    const packetFor = (opens: 'body' | 'slip') => message.keyPackets.find(packet => packet.opens === opens && packet.type === 'pkesk');
    const [body, slip] = [packetFor('body'), packetFor('slip')];
    if (!body) throw new SealBroken('The message has no key packet.');
    const bodyKey = await openKeyPacket(key, fromBase64(body.packet), sealed.body);
    const slipKey = slip ? await openKeyPacket(key, fromBase64(slip.packet), sealed.slip) : bodyKey;
    return new OpenedBody(bodyKey, slipKey, readSummary(await openPart(bodyKey, 'summary', sealed.body)));
  }

  async openSlip(sealed: string): Promise<Slip> {
    return readSlip(await openPart(this.#slipKey, 'slip', fromBase64(sealed)));
  }

  async openSegment(index: number, sealed: Bytes): Promise<Bytes> {
    const entry = this.summary.manifest.find(candidate => candidate.index === index);
    if (!entry || !equal(await sha256(sealed), entry.sealedSha256)) throw new SealBroken(`Segment ${index} is not the one its manifest names.`);
    const segment = await openPart(this.#bodyKey, `seg/${index}`, sealed);
    if (segment.length !== entry.length || !equal(await sha256(segment), entry.sha256)) throw new SealBroken(`Segment ${index} is not the one its manifest names.`);
    return segment;
  }
}

/** Puts the fields that were taken out on arrival back where they were: the bytes exactly as they came. */
export function rebuild(remaining: Bytes, removed: Summary['removed']): Bytes {
  const pieces: Bytes[] = [];
  let taken = 0;
  let done = 0;
  for (const piece of removed) {
    const before = piece.offset - done;
    if (before < 0 || taken + before > remaining.length) throw new SealBroken('The removed fields do not fit the message.');
    pieces.push(remaining.subarray(taken, taken + before), piece.bytes);
    taken += before;
    done = piece.offset + piece.bytes.length;
  }
  return concat(...pieces, remaining.subarray(taken));
}
