import { createClassifier, loadClassifier } from '@pilotjs/classifier'
import { loadIcons100 } from '@pilotjs/icons-100'
import vitIcons from '@pilotjs/vit-icons'

const { classNames, arrays } = await loadIcons100()
const drawings = (name: string, count: number, { labels, images } = arrays.train) =>
  [...labels.keys()]
    .filter((i) => classNames[labels[i]!] === name)
    .slice(0, count)
    .map((i) => ({ width: 32, height: 32, data: images.slice(i * 3072, (i + 1) * 3072) }))

const classifier = await createClassifier({ backbone: vitIcons }) // photographs: leave the backbone out
await classifier.learn({ bell: drawings('bell', 20), car: drawings('car', 20) })
await classifier.learn({ tree: drawings('tree', 20) }) // later: another class
await classifier.addImages('car', drawings('car', 30).slice(20)) // and more images of one
await classifier.renameClass('bell', 'alarm')
await classifier.save('drawings') // drawings/classifier.safetensors

const again = await loadClassifier('drawings') // in another process, on another day
const [best] = await again.predict(drawings('tree', 1, arrays.test)[0]!)
console.log(`${best!.name}, ${Math.round(best!.probability * 100)} %`)
const [stranger] = await again.predict(drawings('cloud', 1, arrays.test))
console.log(`looks like nothing it knows: ${stranger!.isUnknown}`)
await again.removeClass('tree') // as if it had never been there
console.log(again.classes.join(', '))
