import { expect, test } from 'vitest';
import { en } from '../src/texts/en.ts';
import { zh } from '../src/texts/zh.ts';

test('Chinese says everything English says, in Chinese', () => {
  const alike: string[] = [];
  compare(en, zh, '');
  expect(alike).toEqual([]);

  function compare(left: object, right: object, path: string): void {
    expect(Object.keys(right), path).toEqual(Object.keys(left));
    for (const [key, text] of Object.entries(left) as [string, unknown][]) {
      const other: unknown = (right as Record<string, unknown>)[key];
      if (typeof text === 'string' && text === other) alike.push(`${path}${key}`);
      if (typeof text === 'object' && text && typeof other === 'object' && other) compare(text, other, `${path}${key}.`);
    }
  }
});

test('one message is spoken of as one', () => {
  expect(en.filing.emptyText(1)).toMatch(/^One message is .* bring it back\.$/);
  expect(en.filing.emptyText(2)).toMatch(/^2 messages are .* bring them back\.$/);
});

test('a folder has one name', () => {
  expect(zh.settings.keepText).toContain(zh.folders.junk);
  expect(zh.settings.keepText).toContain(zh.folders.trash);
  expect(en.settings.keepText).toContain(en.folders.trash);
});

test('how long a folder keeps mail is said in the same words', () => {
  expect(`${en.expiry.reasons.folder}.`).toBe(en.filing.thirtyDays.replace('Messages', 'messages'));
  expect(`${zh.expiry.reasons.folder}。`).toBe(zh.filing.thirtyDays);
});
