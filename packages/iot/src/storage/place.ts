/** Where a row lives: every table of the room starts with these. */
export interface Place {
  accountId: string;
  region: string;
}

/** As columns' values. */
export const placeOf = (at: Place): [string, string] => [at.accountId, at.region];

/** Nothing but the place of what is there. */
export const placed = ({ accountId, region }: Place): Place => ({ accountId, region });
