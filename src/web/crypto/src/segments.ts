import { type Bytes, type ManifestEntry, concat } from '@appliance/formats';
import type { OpenedBody } from './body.ts';

/** Segments under way at a time: the next ones come while the first is opened. */
const IN_FLIGHT = 4;

/** Fetches one sealed segment. */
export type FetchSegment = (index: number) => Promise<Bytes>;

/** The bytes of one message by range; fetches and opens each segment at most once, and only when a range touches it. */
export class Segments {
  readonly #body: OpenedBody;
  readonly #fetch: FetchSegment;
  readonly #opened = new Map<number, Promise<Bytes>>();

  constructor(body: OpenedBody, fetch: FetchSegment) {
    this.#body = body;
    this.#fetch = fetch;
  }

  segment(index: number): Promise<Bytes> {
    let opened = this.#opened.get(index);
    if (!opened) {
      opened = this.#fetch(index).then(sealed => this.#body.openSegment(index, sealed));
      this.#opened.set(index, opened);
    }
    return opened;
  }

  /** What is left of the bytes received from `offset` on, counted as received: less what was removed on arrival. */
  async range(offset: number, length: number, progress?: (done: number, total: number) => void): Promise<Bytes> {
    const [from, to] = [this.#remaining(offset), this.#remaining(offset + length)];
    const pieces: Bytes[] = [];
    let done = 0;
    const touched = this.#touching(from, to);
    for (const [at, { entry, start }] of touched.entries()) {
      for (const next of touched.slice(at, at + IN_FLIGHT)) this.segment(next.entry.index).catch(() => {}); // told when its turn comes
      const bytes = await this.segment(entry.index);
      const piece = bytes.subarray(Math.max(from - start, 0), to - start);
      pieces.push(piece);
      done += piece.length;
      progress?.(done, to - from);
    }
    return concat(...pieces);
  }

  /** Whether it is all here already, fetched for what shares its segments. */
  holds(offset: number, length: number): boolean {
    return this.#touching(this.#remaining(offset), this.#remaining(offset + length)).every(({ entry }) => this.#opened.has(entry.index));
  }

  /** All of segments 1…, in order. */
  remaining(): Promise<Bytes> {
    return this.range(0, this.#body.summary.size);
  }

  #touching(from: number, to: number): { entry: ManifestEntry; start: number }[] {
    let end = 0;
    return this.#body.summary.manifest
      .filter(entry => entry.index > 0)
      .map(entry => ({ entry, start: (end += entry.length) - entry.length }))
      .filter(({ entry, start }) => start < to && start + entry.length > from);
  }

  #remaining(offset: number): number {
    return this.#body.summary.removed.reduce((sum, piece) => sum - Math.min(Math.max(offset - piece.offset, 0), piece.bytes.length), offset);
  }
}
