import type { Verdict } from '@appliance/formats';
import { describe, expect, test } from 'vitest';
import { storyOf } from '../src/reader/verdictStory.ts';
import { en } from '../src/texts/en.ts';
import { zh } from '../src/texts/zh.ts';

const pass: Verdict = {
  result: 'pass', reason: '', from: 'example.org', policy: 'reject',
  spf: { result: 'pass', domain: 'bounces.example.org', aligned: true, reason: 'example.org says that this server sends for it' },
  dkim: [{ result: 'pass', domain: 'example.org', aligned: true }, { result: 'pass', domain: 'esp.example', aligned: false }],
  dmarc: { result: 'pass', domain: 'example.org' },
};

const fail: Verdict = {
  result: 'fail', reason: '', from: 'example.org', policy: 'reject', junk: 'dmarc-reject',
  spf: { result: 'softfail', domain: 'example.org' }, dkim: [{ result: 'fail', domain: 'example.org' }], dmarc: { result: 'fail', domain: 'example.org' },
};

const cases: [why: string, verdict: Verdict, label: string, sentences: string[], isWarned: boolean][] = [
  ['nothing was checked', { result: 'none', reason: 'not checked', dkim: [] }, 'Sender not verified', [en.reader.verdict.unchecked], false],
  ['the author sent and signed it', pass, 'Verified: example.org', ['Sent by bounces.example.org, signed by example.org and esp.example.', 'DMARC: pass.'], false],
  ['a list changed it', fail, 'Sender check failed', [
    'Not known to be sent by example.org, without a signature that holds.', 'Nothing shows that example.org, whose name it bears, sent or signed it. DMARC: fail.', 'example.org asks that such mail be refused.',
    'It was filed to Junk and not refused, since a mailing list or a forwarder may have changed it.',
  ], true],
  ['quarantine', { ...fail, policy: 'quarantine', junk: 'dmarc-quarantine', dkim: [] }, 'Sender check failed', [
    'Not known to be sent by example.org, not signed.', 'Nothing shows that example.org, whose name it bears, sent or signed it. DMARC: fail.', 'example.org asks that such mail be kept apart.', 'It was filed to Junk when it arrived.',
  ], true],
  ['the author asks for nothing', { ...fail, policy: 'none', junk: undefined, dkim: [] }, 'Sender not confirmed', [
    'Not known to be sent by example.org, not signed.', 'Nothing shows that example.org, whose name it bears, sent or signed it. DMARC: fail.', 'example.org asks for nothing to be done about that.',
  ], false],
  ['a trusted forwarder vouches', { ...fail, result: 'pass', junk: undefined, arcTrusted: true, arc: { result: 'pass', domain: 'lists.example' } }, 'Confirmed by lists.example', [
    'Not known to be sent by example.org, without a signature that holds.', 'Nothing shows that example.org, whose name it bears, sent or signed it. DMARC: fail.', 'lists.example, which this server trusts, passed it on and had found it right.',
  ], false],
  ['no policy', { ...pass, result: 'none', spf: { result: 'none' }, dkim: [], policy: undefined, dmarc: { result: 'none' } }, 'Sender not verified', [
    'Sent by a server that names no domain, not signed.', 'example.org publishes no rules for mail in its name.',
  ], false],
  ['the DNS was down', { ...pass, result: 'temperror', spf: { result: 'temperror', domain: 'example.org' }, dkim: [{ result: 'temperror', domain: 'example.org' }], dmarc: { result: 'temperror' } }, 'Sender could not be checked', [
    'Not known to be sent by example.org, with a signature that could not be checked.', 'Whether example.org sent or signed it could not be found out: the DNS did not answer.',
  ], false],
  ['several authors', { ...fail, from: undefined, junk: undefined, dkim: [] }, 'Sender check failed', [
    'Not known to be sent by example.org, not signed.', 'It names several authors.', 'Nothing shows that example.org, whose name it bears, sent or signed it. DMARC: fail.', 'example.org asks that such mail be refused.',
  ], true],
  ['no author', { result: 'none', reason: '', dkim: [], spf: { result: 'pass', domain: 'example.org' }, dmarc: { result: 'permerror' } }, 'Sender not verified', [
    'Sent by example.org, not signed.', 'It names no author that could be asked.',
  ], false],
  ['its server is on a block list', { ...pass, result: 'none', spf: { result: 'none' }, dkim: [], policy: undefined, dmarc: { result: 'none' }, listedBy: ['block.example'], junk: 'listed' }, 'Sender not verified', [
    'Sent by a server that names no domain, not signed.', 'example.org publishes no rules for mail in its name.', 'Its server is on the block list block.example.', 'It was filed to Junk when it arrived.',
  ], true],
  ['too much speaks against it', { ...pass, signs: ['address-in-name', 'unheard-of', 'link-elsewhere'], junk: 'signs' }, 'Verified: example.org', [
    'Sent by bounces.example.org, signed by example.org and esp.example.', 'DMARC: pass.',
    'It was filed to Junk: the sender’s name shows another address than the one it uses; a link leads elsewhere than it says.',
  ], true],
  ['a filter did not answer', { ...pass, filters: [{ filter: 'clamd', result: 'absent' }, { filter: 'rspamd', result: 'no action', detail: '1.0/15.0' }] }, 'Verified: example.org', [
    'Sent by bounces.example.org, signed by example.org and esp.example.', 'DMARC: pass.', 'clamd, which this server asks about content, did not answer.',
  ], false],
];

describe('what a person is told', () => {
  test.each(cases)('%s', (_, verdict, label, sentences, isWarned) => {
    const story = storyOf(verdict, en);
    expect(story.label).toBe(label);
    expect(story.sentences).toEqual(sentences);
    expect(story.warning !== null).toBe(isWarned);
    const chinese = storyOf(verdict, zh);
    expect(chinese.sentences).toHaveLength(sentences.length);
    expect(chinese.standing).toBe(story.standing);
    for (const sentence of chinese.sentences) expect(sentence).toMatch(/。$/);
  });

  test('every method stands among the details', () => {
    const { details } = storyOf({ ...pass, arc: { result: 'pass', domain: 'lists.example' } }, en);
    expect(details.map(({ method, result, domain, isAligned }) => [method, result, domain, isAligned])).toEqual([
      ['SPF', 'pass', 'bounces.example.org', true], ['DKIM', 'pass', 'example.org', true], ['DKIM', 'pass', 'esp.example', false],
      ['DMARC', 'pass', 'example.org', false], ['ARC', 'pass', 'lists.example', false],
    ]);
  });
});

test('says what the member has said of the sender, and warns of nobody whom they allow', () => {
  const junk: Verdict = { ...pass, signs: ['program'], junk: 'signs' };
  expect(storyOf(junk, en, ['allow'])).toMatchObject({ warning: null, sentences: expect.arrayContaining([en.reader.verdict.allowed]) as string[] });
  expect(storyOf(pass, en, ['block']).sentences).toContain(en.reader.verdict.blocked);
});
