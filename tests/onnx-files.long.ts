// Exported ONNX files of all real models.
import { testOnnxFiles } from './onnx-files.js';

testOnnxFiles();
