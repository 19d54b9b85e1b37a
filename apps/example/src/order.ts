export interface Order {
  readonly id: string;
  readonly amount: number;
}
