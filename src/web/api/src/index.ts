export { type MessageQuery, api } from './client.ts';
export type * from './contracts.ts';
export * from './error.ts';
