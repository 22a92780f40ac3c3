import 'fake-indexeddb/auto';
import { randomBytes } from '@appliance/formats';
import { expect, test } from 'vitest';
import { forgetLocalHalf, keepLocalHalf, localHalf } from '../src/localHalf.ts';

test('this browser’s half of a session is kept, replaced and forgotten', async () => {
  expect(await localHalf()).toBeNull();
  for (const slotId of ['one', 'two']) {
    const half = randomBytes(32);
    await keepLocalHalf({ accountId: 'account', slotId, half });
    expect(await localHalf()).toEqual({ accountId: 'account', slotId, half });
  }
  await forgetLocalHalf();
  expect(await localHalf()).toBeNull();
});
