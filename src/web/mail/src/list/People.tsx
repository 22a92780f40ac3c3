import type { MailAddress } from '@appliance/formats';
import { Fragment, type ReactNode } from 'react';
import { whoIs } from './summaries.ts';

/** Each by itself: the direction of one name moves nothing of another. */
export function People({ people, as = whoIs }: { people: readonly MailAddress[]; as?: (person: MailAddress) => ReactNode }) {
  return people.map((person, index) => <Fragment key={index}>{index > 0 && ', '}<bdi>{as(person)}</bdi></Fragment>);
}
