import { describeStoreContract } from 'nestjs-pyworkflow/testing';
import { TypeOrmStore } from 'nestjs-pyworkflow/typeorm';

class CountingStore extends TypeOrmStore {
  commits = 0;

  override async commit(...args: Parameters<TypeOrmStore['commit']>): ReturnType<TypeOrmStore['commit']> {
    this.commits++;
    return super.commit(...args);
  }
}

describeStoreContract('CountingStore', async () => {
  const store = new CountingStore({ type: 'sqlite', path: ':memory:' });
  await store.open();
  return { store, cleanup: () => store.close() };
});
