import { Button, Group, Stack, TextInput } from '@mantine/core';
import { type SubmitEvent, useState } from 'react';
import { EntryFrame } from '../entry/EntryFrame.tsx';
import { useTexts } from '../texts/index.ts';

/** Three different places, in order. */
export function placesToAsk(words: number, random: (below: number) => number): number[] {
  const places = new Set<number>();
  while (places.size < 3) places.add(random(words));
  return [...places].sort((left, right) => left - right);
}

const random = (below: number): number => (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) % below;

export function ConfirmStep({ phrase, onBack, onDone }: { phrase: string[]; onBack: () => void; onDone: () => void }) {
  const t = useTexts();
  const [places] = useState(() => placesToAsk(phrase.length, random));
  const [words, setWords] = useState<Record<number, string>>({});
  const [isChecked, setChecked] = useState(false);
  const isRight = (place: number) => words[place]?.trim().toLowerCase() === phrase[place];

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    setChecked(true);
    if (places.every(isRight)) onDone();
  }

  return (
    <EntryFrame step={t.activation.step(4, 4)} title={t.activation.confirmTitle} lead={t.activation.confirmLead}>
      <form onSubmit={submit} noValidate>
        <Stack>
          {places.map(place => (
            <TextInput
              key={place}
              label={t.activation.word(place + 1)}
              value={words[place] ?? ''}
              autoCapitalize="none"
              autoComplete="off"
              spellCheck={false}
              error={isChecked && !isRight(place) && t.activation.wordWrong}
              onChange={event => {
                const { value } = event.currentTarget;
                setWords(entered => ({ ...entered, [place]: value }));
              }}
            />
          ))}
          <Group grow preventGrowOverflow={false} mt="xs">
            <Button variant="default" onClick={onBack} flex="0 0 auto">{t.activation.showAgain}</Button>
            <Button type="submit">{t.activation.finish}</Button>
          </Group>
        </Stack>
      </form>
    </EntryFrame>
  );
}
