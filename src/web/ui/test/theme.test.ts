import { DEFAULT_THEME, mergeMantineTheme } from '@mantine/core';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { theme, themeVariables } from '../src/theme.ts';

const merged = mergeMantineTheme(DEFAULT_THEME, theme);
const variables = themeVariables(merged);
const { gray, dark, yellow } = merged.colors;
const schemes = {
  light: { own: variables.light, body: '#ffffff', text: merged.black, field: '#ffffff', yellow: yellow[1] },
  dark: { own: variables.dark, body: dark[7], text: dark[0], field: dark[6], yellow: '#733c00' },
};

/** WCAG 2.2, relative luminance and contrast ratio. */
function contrast(one: string, other: string): number {
  const [lighter = 0, darker = 0] = [one, other].map(luminance).sort((a, b) => b - a);
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map(at => Number.parseInt(color.slice(at, at + 2), 16) / 255).map(value => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

test.each(['light', 'dark'] as const)('in %s colours text is read on every surface, and what has the focus is seen', name => {
  const { own, body, text, field, yellow: badge } = schemes[name];
  const of = (variable: string): string => (own as Readonly<Record<string, string>>)[variable] ?? expect.fail(`${variable} is not set.`);
  const surfaces = [body, ...['side', 'hover', 'selected'].map(surface => of(`--surface-${surface}`)), of('--arrival')];
  const pairs = [
    ...surfaces.flatMap(surface => [text, of('--mantine-color-dimmed'), of('--mantine-color-error'), of('--accent-text')].map(color => [color, surface] as const)),
    [of('--mantine-color-placeholder'), field],
    [name === 'light' ? of('--mantine-color-yellow-light-color') : yellow[0], badge],
    [name === 'light' ? gray[9] : of('--mantine-color-gray-light-color'), name === 'light' ? gray[1] : of('--mantine-color-gray-light')],
  ] as const;
  expect(pairs.filter(([color, surface]) => contrast(color, surface) < 4.5)).toEqual([]);
});

test('the ring around what has the focus and the mark of what is unread are of the colour that is seen on every surface', () => {
  for (const sheet of ['../src/theme.css', '../../mail/src/list/MessageList.module.css'])
    for (const [rule] of readFileSync(new URL(sheet, import.meta.url), 'utf8').matchAll(/^.*(?:focus-visible|\.dot \{ background).*$/gm)) expect(rule).toContain('var(--accent-text)');
});
