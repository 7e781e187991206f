import { fileURLToPath } from 'node:url'
import { playwright } from '@vitest/browser-playwright'
import { defineConfig } from 'vitest/config'
import { workspaceSources } from '../../vitest.sources.ts'

// The system's Chromium, found by run.mjs: nothing is downloaded. WebGL runs on the processor where there is no GPU.
const executablePath = process.env.PILOT_CHROMIUM
const args = ['--no-sandbox', '--use-angle=swiftshader', '--enable-unsafe-swiftshader']

export default defineConfig({
  plugins: [workspaceSources],
  // As built, with its worker in it: what the browser's export condition names.
  resolve: {
    alias: {
      '@pilotjs/tfjs-backend-onnx': fileURLToPath(
        new URL('../../packages/tfjs-backend-onnx/dist/web.js', import.meta.url),
      ),
    },
  },
  // Bundled at once: what is found on the way would reload the page in the middle of a test.
  optimizeDeps: {
    entries: ['src/**/*.test.ts', '!src/**/*.{node,pages}.test.ts'],
    include: [
      '@tensorflow/tfjs-core',
      '@tensorflow/tfjs-core/dist/register_all_gradients.js',
      '@tensorflow/tfjs-backend-cpu',
      '@tensorflow/tfjs-backend-wasm',
      '@tensorflow/tfjs-backend-webgl',
    ],
  },
  test: {
    include: ['src/**/*.test.ts'],
    exclude: ['src/**/*.{node,pages}.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    fileParallelism: false,
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({ launchOptions: { ...(executablePath && { executablePath }), args } }),
      instances: [{ browser: 'chromium' }],
    },
  },
})
