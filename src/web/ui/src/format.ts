import { type Language, localeOf } from './language.tsx';

const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;

/** In thousands, as file managers and mail programs count: `1.2 MB`. */
export function formatSize(bytes: number, language: Language): string {
  let step = 0;
  let value = bytes;
  // A value that would be rounded up to 1,000 belongs to the next unit.
  while (value >= (step === 0 ? 1000 : 999.5) && step < units.length - 1) {
    value /= 1000;
    step++;
  }
  return new Intl.NumberFormat(localeOf(language), {
    style: 'unit',
    unit: units[step] ?? 'byte',
    unitDisplay: step === 0 ? 'long' : 'short',
    maximumFractionDigits: value < 10 && step > 0 ? 1 : 0,
  }).format(value);
}

/** In a list: the time today, the day this year, else the date. */
export function formatListDate(date: Date, now: Date, language: Language): string {
  const locale = localeOf(language);
  if (date.toDateString() === now.toDateString()) return date.toLocaleTimeString(locale, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  if (date.getFullYear() === now.getFullYear()) return date.toLocaleDateString(locale, { day: 'numeric', month: 'short' });
  return date.toLocaleDateString(locale, { day: 'numeric', month: 'numeric', year: 'numeric' });
}

/** Above an opened message. */
export const formatMessageDate = (date: Date, language: Language): string =>
  date.toLocaleString(localeOf(language), { dateStyle: 'medium', timeStyle: 'short', hourCycle: 'h23' });

export const formatFullDate = (date: Date, language: Language): string =>
  date.toLocaleString(localeOf(language), { dateStyle: 'full', timeStyle: 'short', hourCycle: 'h23' });

/** In groups of four, as people compare them. */
export const formatFingerprint = (fingerprint: string): string => fingerprint.toUpperCase().match(/.{1,4}/g)?.join(' ') ?? '';
