// @vitest-environment jsdom
import { ApiError } from '@appliance/api';
import { expect, test } from 'vitest';
import { SignIn } from '../src/entry/SignIn.tsx';
import { Around, draw, find, newQueries, settled, type } from './screen.tsx';

test.each([['password', 'input[type=password]'], ['phrase', 'textarea']])('a wrong %s can be typed again at once, each time', async (slot, selector) => {
  let refuse: () => void = () => undefined;
  const signIn = () => new Promise<never>((_, reject) => (refuse = () => reject(new ApiError('sign-in-failed', 401, ''))));
  await draw(<Around vault={{ signIn }} queries={newQueries()}><SignIn notice={null} onDone={() => undefined} /></Around>);
  if (slot === 'phrase') await settled(() => find('button', 'Use recovery phrase').click());
  await settled(() => type(find('input[type=email]'), 'ann@home.example'));
  await settled(() => type(find(selector), 'wrong'));
  for (let tries = 0; tries < 2; tries++) {
    await settled(() => find('button[type=submit]').click());
    find(selector).blur(); // as a browser does with a disabled field
    await settled(refuse);
    expect(find('[role=alert]').textContent).not.toBe('');
    expect(document.activeElement).toBe(find(selector));
  }
});
