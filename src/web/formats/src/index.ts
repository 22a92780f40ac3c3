export * from './bytes.ts';
export * from './ids.ts';
export { JsonReader } from './json.ts';
export * from './kdf.ts';
export * from './slots.ts';
export * from './summary.ts';
