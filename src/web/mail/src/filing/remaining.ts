const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** How long a message has left, in the one unit that says enough: `in 3 days`, `in 12 minutes`, in the last minute `in 41 seconds`. */
export function remaining(at: Date, now: Date, locale: string): string {
  const left = Math.max(0, at.getTime() - now.getTime());
  const [unit, length] = left >= 2 * day ? ['day', day] as const : left >= 2 * hour ? ['hour', hour] as const : left >= minute ? ['minute', minute] as const : ['second', second] as const;
  // Rounded down, so that nothing is promised longer than it stays.
  return new Intl.RelativeTimeFormat(locale).format(Math.floor(left / length), unit);
}

/** Milliseconds until the text may change. */
export function untilNext(at: Date, now: Date): number {
  return at.getTime() - now.getTime() <= minute ? second : 15 * second;
}
