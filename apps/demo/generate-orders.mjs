/** Writes orders.csv, the same each time: `node apps/demo/generate-orders.mjs > apps/demo/orders.csv`. */
const PRODUCTS = [
  ['Espresso cup (4)', 24.9],
  ['Moka pot (6 cups)', 39.5],
  ['Hand grinder', 89],
  ['Kitchen scale', 34.95],
  ['Gooseneck kettle', 74.5],
  ['Pour-over stand', 119],
  ['House blend 1 kg', 28.4],
  ['Single origin Yirgacheffe 1 kg', 36.8],
  ['Electric grinder', 349],
  ['Espresso machine', 1249],
  ['Water filter (3)', 21.6],
  ['Milk jug', 19.9],
];
const COUNTRIES = ['AT', 'BE', 'CH', 'DE', 'DE', 'DE', 'DK', 'ES', 'FR', 'FR', 'IT', 'NL', 'PL', 'PT', 'SE'];
const FIRST =
  'Ada Ben Carla Dario Elif Femke Goran Hanna Ines Jonas Karin Luca Mara Nils Olga Paul Rosa Sven Tess Yann'.split(' ');
const LAST =
  'Berg Costa Dubois Eriksen Fischer Gruber Horvat Jansen Keller Lopez Moreau Novak Peeters Rossi Silva Weber'.split(
    ' ',
  );
const ORDERS = 312;

// Numerical Recipes' generator: small, and the same everywhere.
let state = 20_261_122;
const random = () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
const one = (list) => list[Math.floor(random() * list.length)];

console.log('id,customer,email,country,product,quantity,unitPrice,paymentMethod');
for (let number = 0; number < ORDERS; number++) {
  const [first, last] = [one(FIRST), one(LAST)];
  const [product, price] = random() < 0.04 ? PRODUCTS[9] : one(PRODUCTS);
  // Some buy for a whole office.
  const quantity = random() < 0.05 ? 12 + Math.floor(random() * 30) : 1 + Math.floor(random() ** 2 * 4);
  const paymentMethod = random() < 0.04 ? 'pm_card_declined' : 'pm_card_visa';
  const email = `${first}.${last}@example.com`.toLowerCase();
  console.log(
    [1001 + number, `${first} ${last}`, email, one(COUNTRIES), product, quantity, price.toFixed(2), paymentMethod].join(
      ',',
    ),
  );
}
