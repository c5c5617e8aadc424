export interface Place {
  accountId: string;
  region: string;
}
