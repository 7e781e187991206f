import { defineConfig } from 'vite'
import { VitePWA } from 'vite-plugin-pwa'

/** What photographs and WebGPU take beyond the rest: megabytes that are fetched, and kept, when they are first asked for. */
const whenAskedFor = ['**/efficientnet-lite0-*', '**/*.asyncify-*']

export default defineConfig({
  // The page may lie in any folder of a site.
  base: './',
  build: { target: 'es2022', chunkSizeWarningLimit: 2000 },
  plugins: [
    VitePWA({
      // A new version is taken up the next time the page is opened.
      registerType: 'autoUpdate',
      injectRegister: false,
      manifest: {
        name: 'Teach',
        short_name: 'Teach',
        description: 'A page that learns what it is shown',
        display: 'standalone',
        background_color: '#f4f3ef',
        theme_color: '#0b6bcb',
        icons: [{ src: 'icon.svg', sizes: 'any', type: 'image/svg+xml', purpose: 'any maskable' }],
      },
      workbox: {
        globPatterns: ['**/*.{html,css,js,mjs,wasm,safetensors,svg}'],
        globIgnores: whenAskedFor,
        maximumFileSizeToCacheInBytes: 20 * 2 ** 20,
        runtimeCaching: [
          {
            urlPattern: ({ sameOrigin, url }) => sameOrigin && url.pathname.includes('/assets/'),
            handler: 'CacheFirst',
          },
        ],
      },
    }),
  ],
})
