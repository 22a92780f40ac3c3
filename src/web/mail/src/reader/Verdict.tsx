import type { Verdict } from '@appliance/formats';
import { Alert, Text } from '@mantine/core';
import { IconAlertTriangle, IconShieldCheck, IconShieldQuestion, IconShieldX } from '@tabler/icons-react';
import { useTexts } from '../texts/index.ts';
import { Fact } from './Fact.tsx';
import classes from './Reader.module.css';
import { type Standing, storyOf } from './verdictStory.ts';

const looks: Record<Standing, { color: string; Icon: typeof IconShieldCheck }> = {
  pass: { color: 'pine', Icon: IconShieldCheck },
  fail: { color: 'red', Icon: IconShieldX },
  unconfirmed: { color: 'yellow', Icon: IconShieldQuestion },
  temperror: { color: 'gray', Icon: IconShieldQuestion },
  none: { color: 'gray', Icon: IconShieldQuestion },
};

/** Who vouches for a message, in a word; pressed, in sentences; unfolded, method by method. */
export function VerdictFact({ verdict, rules }: { verdict: Verdict; rules: readonly string[] | undefined }) {
  const t = useTexts();
  const story = storyOf(verdict, t, rules);
  const { color, Icon } = looks[story.standing];
  return (
    <Fact icon={<Icon size={12} />} color={color} label={story.label} title={story.title}>
      {story.sentences.map(sentence => <Text key={sentence} size="sm" mb={4}>{sentence}</Text>)}
      {story.details.length > 0 && (
        <details className={classes.methods}>
          <summary>{t.reader.verdict.details}</summary>
          <dl>
            {story.details.map(({ method, result, domain, isAligned, reason }, index) => (
              <div key={index}>
                <dt>{method}</dt>
                <dd>
                  <b>{result}</b>{domain && <> · {domain}</>}{isAligned && <> · {t.reader.verdict.aligned}</>}
                  {reason && <span lang="en">{reason}</span>}
                </dd>
              </div>
            ))}
          </dl>
        </details>
      )}
    </Fact>
  );
}

/** Above the text of a message that may not be what it says. */
export function VerdictWarning({ verdict, rules }: { verdict: Verdict; rules: readonly string[] | undefined }) {
  const { warning } = storyOf(verdict, useTexts(), rules);
  return warning === null ? null : <Alert className={classes.warning} role="note" color="red" variant="light" icon={<IconAlertTriangle size={18} />}>{warning}</Alert>;
}
