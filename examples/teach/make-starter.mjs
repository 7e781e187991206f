// Makes public/starter.safetensors, what the page knows when it is opened for the first time: a classifier that was taught in
// Node.
//     npm run starter
import { createClassifier } from '@pilotjs/classifier'
import { loadIcons100 } from '@pilotjs/icons-100'
import vitIcons from '@pilotjs/vit-icons'

const names = ['heart', 'star', 'home', 'fish', 'tree', 'sun', 'cloud', 'umbrella', 'key', 'flower']
const { classNames, arrays } = await loadIcons100()
const { labels, images } = arrays.train
const icons = (name) =>
  [...labels.keys()]
    .filter((i) => classNames[labels[i]] === name)
    .slice(0, 40)
    .map((i) => ({ width: 32, height: 32, data: images.slice(i * 3072, (i + 1) * 3072) }))

const classifier = await createClassifier({ backbone: vitIcons })
await classifier.learn(Object.fromEntries(names.map((name) => [name, icons(name)])))
await classifier.save(new URL('public/starter.safetensors', import.meta.url))
console.log(`${classifier.classes.length} classes`, classifier.calibration)
