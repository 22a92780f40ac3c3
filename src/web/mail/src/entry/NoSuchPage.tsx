import { Button } from '@mantine/core';
import { go } from '../route.ts';
import { useTexts } from '../texts/index.ts';
import { EntryFrame } from './EntryFrame.tsx';

/** The server answers every path with the client, so it is for us to say that one leads nowhere. */
export function NoSuchPage() {
  const t = useTexts();
  return (
    <EntryFrame title={t.noPage.title} lead={t.noPage.lead}>
      <Button fullWidth onClick={() => go('inbox', null, 'replace')}>{t.noPage.open}</Button>
    </EntryFrame>
  );
}
