import { expect, test } from 'vitest';
import { remaining, untilNext } from '../src/filing/remaining.ts';

const now = new Date('2026-11-24T12:00:00Z');
const after = (seconds: number) => new Date(now.getTime() + seconds * 1_000);

test.each([
  [30 * 86_400, 'in 30 days', '30天后'],
  [2 * 86_400 - 1, 'in 47 hours', '47小时后'],
  [2 * 3_600 - 1, 'in 119 minutes', '119分钟后'],
  [60, 'in 1 minute', '1分钟后'],
  [59.9, 'in 59 seconds', '59秒钟后'],
  [-5, 'in 0 seconds', '0秒钟后'],
])('%d seconds', (seconds, english, chinese) => {
  expect(remaining(after(seconds), now, 'en-US')).toBe(english);
  expect(remaining(after(seconds), now, 'zh-CN')).toBe(chinese);
});

test('it ticks by the second in the last minute only', () => {
  expect(untilNext(after(60), now)).toBe(1_000);
  expect(untilNext(after(61), now)).toBe(15_000);
});
