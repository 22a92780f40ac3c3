/// <reference lib="webworker" />
import { ApiError } from '@appliance/api';
import { FormatError } from '@appliance/formats';
import { KeyVault } from './keyVault.ts';
import { SealBroken } from './pgp.ts';
import { serve } from './rpc.ts';

serve(new KeyVault(), self as unknown as DedicatedWorkerGlobalScope, error => {
  if (error instanceof ApiError) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof SealBroken) return new ApiError('changed', 0, message);
  if (error instanceof FormatError) return new ApiError(error.version ? 'version' : 'malformed', 0, message);
  return new ApiError('unexpected', 0, message);
});
