import { ApiError } from '@appliance/api';
import type { Texts } from './texts/index.ts';

/** What happened and what to do, in the member's words. */
export function describeError(error: unknown, { errors, list }: Texts): string {
  if (!(error instanceof ApiError)) return errors.other;
  switch (error.code) {
    case 'offline': return errors.offline;
    case 'sign-in-failed': return errors.signInFailed;
    case 'slow-down': return errors.slowDown(error.retryAfter ?? 60);
    case 'address-taken': return errors.addressTaken;
    case 'invalid': return errors.invalid;
    case 'signed-out': return errors.signedOut;
    case 'server-not-proved': return errors.notProved;
    case 'unnamed-proxy': return errors.unnamedProxy;
    case 'not-found': return errors.notFound;
    case 'changed':
    case 'malformed': return errors.unreadable;
    case 'version': return list.broken.version;
    default: return errors.other;
  }
}

export const isSignedOut = (error: unknown): boolean => error instanceof ApiError && error.code === 'signed-out';
