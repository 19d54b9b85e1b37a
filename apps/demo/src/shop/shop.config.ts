/** Where the shop is and what it works with, from the environment. */
export class ShopConfig {
  readonly port = Number(process.env['SHOP_PORT'] ?? 4700);
  readonly partnersUrl = process.env['PARTNERS_URL'] ?? 'http://127.0.0.1:4701';
  /** What links in mails begin with. */
  readonly publicUrl = `http://127.0.0.1:${this.port}`;
}
