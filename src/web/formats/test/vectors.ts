import { readFileSync } from 'node:fs';

/** tests/vectors holds what both clients must agree on; the C# tests read the same files. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller knows the shape of the file
export function vectors<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../../../../tests/vectors/${name}.json`, import.meta.url), 'utf8')) as T;
}
