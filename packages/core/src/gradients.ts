// Registers the gradients of TensorFlow.js' operations. In Node, its own module of this name cannot be loaded as it is (its
// imports lack extensions), and its main one leaves the gradients out: this file is bundled with it. Both share one engine
// and one registry, which TensorFlow.js keeps in the global scope.
// The program's own copy goes first: it makes the engine and the tensors.
import '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-core/dist/register_all_gradients.js'
