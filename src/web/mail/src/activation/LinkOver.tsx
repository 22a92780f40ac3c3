import { Button, Text } from '@mantine/core';
import { EntryFrame } from '../entry/EntryFrame.tsx';
import { go } from '../route.ts';
import { useTexts } from '../texts/index.ts';

/** A link that opens nothing any more: most who come here have their account already. */
export function LinkOver() {
  const t = useTexts();
  return (
    <EntryFrame title={t.activation.overTitle} lead={t.activation.overLead}>
      <Text mb="lg">{t.activation.overHint}</Text>
      <Button fullWidth onClick={() => go('inbox', null, 'replace')}>{t.signIn.submit}</Button>
    </EntryFrame>
  );
}
