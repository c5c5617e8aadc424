/** Where a resource lives: every row, topic and cache of the room is apart by account and region. */
export interface Place {
  accountId: string;
  region: string;
}
