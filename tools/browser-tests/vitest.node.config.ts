import { defineConfig } from 'vitest/config'

// What is promised of browsers and can be told without one.
export default defineConfig({ test: { include: ['src/**/*.node.test.ts'], testTimeout: 120_000 } })
