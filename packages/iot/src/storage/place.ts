/** Where a row lives: every table of the room starts with these. */
export interface Place {
  accountId: string;
  region: string;
}

export const placeOf = (at: Place): [string, string] => [at.accountId, at.region];
