import { createCodec } from '../../serialization/index.js';

/** All simulated processes store values alike. */
export const codec = createCodec();
