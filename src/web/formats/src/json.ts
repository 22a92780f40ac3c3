import { FormatError, fromUtf8, requireVersion } from './bytes.ts';

/** Reads a value of a known shape out of JSON; anything else is refused by name. */
export class JsonReader {
  readonly #fields: Readonly<Record<string, unknown>>;
  readonly #what: string;

  private constructor(value: unknown, what: string) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new FormatError(`This is not a ${what}.`);
    this.#fields = value as Record<string, unknown>;
    this.#what = what;
  }

  /** A whole sealed JSON part, of version 1. */
  static open(bytes: Uint8Array, what: string): JsonReader {
    let value: unknown;
    try {
      value = JSON.parse(fromUtf8(bytes));
    } catch {
      throw new FormatError(`This is not a ${what}.`);
    }
    const reader = new JsonReader(value, what);
    requireVersion(reader.#fields['v'], what);
    return reader;
  }

  string(name: string): string {
    return this.#require(name, this.optionalString(name));
  }

  optionalString(name: string): string | undefined {
    const value = this.#fields[name] ?? undefined;
    if (value !== undefined && typeof value !== 'string') throw this.#wrong(name);
    return value;
  }

  optionalBoolean(name: string): boolean | undefined {
    const value = this.#fields[name] ?? undefined;
    if (value !== undefined && typeof value !== 'boolean') throw this.#wrong(name);
    return value;
  }

  /** A whole number from 0 on. */
  count(name: string): number {
    const value = this.#fields[name];
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw this.#wrong(name);
    return value;
  }

  optionalCount(name: string): number | null {
    return (this.#fields[name] ?? null) === null ? null : this.count(name);
  }

  strings(name: string): string[] {
    return this.#array(name).map(value => {
      if (typeof value !== 'string') throw this.#wrong(name);
      return value;
    });
  }

  object<T>(name: string, read: (reader: JsonReader) => T): T {
    return read(new JsonReader(this.#fields[name], name));
  }

  optionalObject<T>(name: string, read: (reader: JsonReader) => T): T | undefined {
    return (this.#fields[name] ?? undefined) === undefined ? undefined : this.object(name, read);
  }

  list<T>(name: string, read: (reader: JsonReader) => T): T[] {
    return this.#array(name).map(value => read(new JsonReader(value, name)));
  }

  /** An object whose values are all strings. */
  dictionary(name: string): Record<string, string> {
    return this.object(name, reader => Object.fromEntries(Object.keys(reader.#fields).map(key => [key, reader.string(key)])));
  }

  #array(name: string): unknown[] {
    const value = this.#fields[name] ?? [];
    if (!Array.isArray(value)) throw this.#wrong(name);
    return value;
  }

  #require<T>(name: string, value: T | undefined): T {
    if (value === undefined) throw this.#wrong(name);
    return value;
  }

  #wrong(name: string): FormatError {
    return new FormatError(`“${name}” is missing or malformed in the ${this.#what}.`);
  }
}
