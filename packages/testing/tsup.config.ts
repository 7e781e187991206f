import { defineConfig } from 'tsup'
import shared from '../../tsup.shared'

/** `tiny` is what does without vitest, for tests in processes of their own. */
export default defineConfig({ ...shared, entry: { index: 'src/index.ts', tiny: 'src/tiny/index.ts' } } as object)
