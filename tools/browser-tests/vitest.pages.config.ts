import { defineConfig } from 'vitest/config'
import { workspaceSources } from '../../vitest.sources.ts'

/** Tests that make a page, open it in the Chromium that run.mjs found, and look at it from outside. */
export default defineConfig({
  plugins: [workspaceSources],
  test: {
    include: ['src/**/*.pages.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    fileParallelism: false,
  },
})
