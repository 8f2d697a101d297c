// Written by designer/generate.py.
export const STARTING_POINTS = [
 {
  "group": "Recipes",
  "name": "bert",
  "title": "BERT pretraining: linear warm-up, then linear decay to 0",
  "unit": "step",
  "schedule": {
   "type": "chain",
   "parts": [
    {
     "type": "linear",
     "start": 0.0,
     "end": 0.0001,
     "steps": 10000
    },
    {
     "type": "drop",
     "schedule": {
      "type": "linear",
      "start": 0.0001,
      "end": 0.0,
      "steps": 1000000
     },
     "count": 10000
    }
   ]
  }
 },
 {
  "group": "Recipes",
  "name": "budgeted_linear",
  "title": "Budgeted training: linear decay to 0 over exactly the steps that there are",
  "unit": "step",
  "schedule": {
   "type": "linear",
   "start": 0.1,
   "end": 0.0,
   "steps": 1000
  }
 },
 {
  "group": "Recipes",
  "name": "budgeted_rex",
  "title": "Budgeted training with REX: slow decay at first, then ever faster, to 0 with the last step",
  "unit": "step",
  "schedule": {
   "type": "rex",
   "start": 0.3,
   "end": 0.0,
   "steps": 1000
  }
 },
 {
  "group": "Recipes",
  "name": "chinchilla",
  "title": "Chinchilla pretraining: linear warm-up, then cosine decay to a tenth, ending with the run",
  "unit": "step",
  "schedule": {
   "type": "chain",
   "parts": [
    {
     "type": "linear",
     "start": 1e-07,
     "end": 0.0001,
     "steps": 1500
    },
    {
     "type": "cosine",
     "start": 0.0001,
     "end": 1e-05,
     "steps": 98500
    }
   ]
  }
 },
 {
  "group": "Recipes",
  "name": "convnext",
  "title": "ConvNeXt training on ImageNet-1K: long linear warm-up, then cosine decay",
  "unit": "step",
  "schedule": {
   "type": "chain",
   "parts": [
    {
     "type": "linear",
     "start": 0.0,
     "end": 0.004,
     "steps": 6240
    },
    {
     "type": "cosine",
     "start": 0.004,
     "end": 1e-06,
     "steps": 87360
    }
   ]
  }
 },
 {
  "group": "Recipes",
  "name": "deit",
  "title": "DeiT training: linear warm-up to a peak in proportion to the batch, then cosine decay",
  "unit": "step",
  "schedule": {
   "type": "chain",
   "parts": [
    {
     "type": "linear",
     "start": 1e-06,
     "end": 0.001,
     "steps": 6255
    },
    {
     "type": "drop",
     "schedule": {
      "type": "cosine",
      "start": 0.001,
      "end": 1e-05,
      "steps": 375300
     },
     "count": 6255
    }
   ]
  }
 },
 {
  "group": "Recipes",
  "name": "exp_range",
  "title": "Cyclical learning rate (CLR) whose triangles shrink exponentially, by gamma each step",
  "unit": "step",
  "schedule": {
   "type": "sum",
   "parts": [
    {
     "type": "product",
     "parts": [
      {
       "type": "repeat",
       "schedule": {
        "type": "chain",
        "parts": [
         {
          "type": "linear",
          "start": 0.0,
          "end": 1.0,
          "steps": 4
         },
         {
          "type": "linear",
          "start": 1.0,
          "end": 0.0,
          "steps": 4
         }
        ]
       }
      },
      {
       "type": "geometric",
       "start": 1.0,
       "ratio": 0.5
      }
     ]
    },
    {
     "type": "constant",
     "value": 0.0
    }
   ]
  }
 },
 {
  "group": "Recipes",
  "name": "flat_cosine",
  "title": "Flat, then cosine annealing: a constant rate, and half a cosine down to almost nothing",
  "unit": "step",
  "schedule": {
   "type": "chain",
   "parts": [
    {
     "type": "constant",
     "value": 1.0,
     "steps": 75
    },
    {
     "type": "cosine_table",
     "rates": [
      1.0,
      1e-05
     ],
     "knots": [
      0.0,
      25.0
     ]
    }
   ]
  }
 },
 {
  "group": "Recipes",
  "name": "gpt3",
  "title": "GPT-3 pretraining: linear warm-up, cosine decay to a tenth of the peak, which then holds",
  "unit": "step",
  "schedule": {
   "type": "chain",
   "parts": [
    {
     "type": "linear",
     "start": 0.0,
     "end": 6e-05,
     "steps": 118
    },
    {
     "type": "cosine",
     "start": 6e-05,
     "end": 6e-06,
     "steps": 81132
    }
   ]
  }
 },
 {
  "group": "Recipes",
  "name": "keras_tip.constant",
  "title": "Constant rate: the same in every epoch",
  "unit": "epoch",
  "schedule": {
   "type": "constant",
   "value": 0.001
  }
 },
 {
  "group": "Recipes",
  "name": "keras_tip.constant_then_exponential",
  "title": "Constant rate, a jump down, then exponential decay",
  "unit": "epoch",
  "schedule": {
   "type": "chain",
   "parts": [
    {
     "type": "constant",
     "value": 0.001,
     "steps": 10
    },
    {
     "type": "drop",
     "schedule": {
      "type": "exponential",
      "start": 0.001,
      "rate": 0.1
     },
     "count": 10
    }
   ]
  }
 },
 {
  "group": "Recipes",
  "name": "keras_tip.exponential_decay",
  "title": "Exponential decay: the rate falls by the same factor at each epoch",
  "unit": "epoch",
  "schedule": {
   "type": "exponential",
   "start": 0.001,
   "rate": 0.1
  }
 },
 {
  "group": "Recipes",
  "name": "keras_tip.one_cycle",
  "title": "The tip's one cycle: linear warm-up, then exponential decay towards a minimum",
  "unit": "epoch",
  "schedule": {
   "type": "chain",
   "parts": [
    {
     "type": "linear",
     "start": 0.0001,
     "end": 0.001,
     "steps": 10
    },
    {
     "type": "sum",
     "parts": [
      {
       "type": "geometric",
       "start": 0.00099,
       "ratio": 0.8
      },
      {
       "type": "constant",
       "value": 1e-05
      }
     ]
    }
   ]
  }
 },
 {
  "group": "Recipes",
  "name": "keras_tip.time_based_decay",
  "title": "Time-based decay: the rate falls as one over time",
  "unit": "epoch",
  "schedule": {
   "type": "inverse_time",
   "start": 0.001,
   "rate": 0.1
  }
 },
 {
  "group": "Recipes",
  "name": "lamb",
  "title": "BERT with LAMB: linear warm-up to a peak by the root of the batch, linear decay to 0",
  "unit": "step",
  "schedule": {
   "type": "chain",
   "parts": [
    {
     "type": "linear",
     "start": 0.0,
     "end": 0.005,
     "steps": 3125
    },
    {
     "type": "linear",
     "start": 0.005,
     "end": 0.0,
     "steps": 12500
    }
   ]
  }
 },
 {
  "group": "Recipes",
  "name": "lars",
  "title": "Training with LARS: linear warm-up, then polynomial decay of power 2 to 0",
  "unit": "step",
  "schedule": {
   "type": "chain",
   "parts": [
    {
     "type": "linear",
     "start": 0.0,
     "end": 8.0,
     "steps": 20
    },
    {
     "type": "polynomial",
     "start": 8.0,
     "end": 0.0,
     "steps": 80,
     "power": 2.0
    }
   ]
  }
 },
 {
  "group": "Recipes",
  "name": "llama",
  "title": "LLaMA pretraining: linear warm-up, then cosine decay to a tenth of the peak",
  "unit": "step",
  "schedule": {
   "type": "chain",
   "parts": [
    {
     "type": "linear",
     "start": 0.0,
     "end": 0.0003,
     "steps": 2000
    },
    {
     "type": "cosine",
     "start": 0.0003,
     "end": 2.9999999999999997e-05,
     "steps": 248000
    }
   ]
  }
 },
 {
  "group": "Recipes",
  "name": "llama3",
  "title": "Llama 3 initial pretraining: linear warm-up, then cosine decay to a hundredth of the peak",
  "unit": "step",
  "schedule": {
   "type": "chain",
   "parts": [
    {
     "type": "linear",
     "start": 0.0,
     "end": 8e-05,
     "steps": 8000
    },
    {
     "type": "cosine",
     "start": 8e-05,
     "end": 8.000000000000001e-07,
     "steps": 1192000
    }
   ]
  }
 },
 {
  "group": "Recipes",
  "name": "minicpm",
  "title": "MiniCPM training: linear warm-up, a stable rate, then exponential decay without an end",
  "unit": "step",
  "schedule": {
   "type": "chain",
   "parts": [
    {
     "type": "linear",
     "start": 0.0,
     "end": 0.01,
     "steps": 10
    },
    {
     "type": "constant",
     "value": 0.01,
     "steps": 90
    },
    {
     "type": "geometric",
     "start": 0.01,
     "ratio": 0.5,
     "every": 50
    }
   ]
  }
 },
 {
  "group": "Recipes",
  "name": "nanogpt",
  "title": "NanoGPT training of a GPT-2: linear warm-up that starts above 0, then cosine decay",
  "unit": "step",
  "schedule": {
   "type": "chain",
   "parts": [
    {
     "type": "linear",
     "start": 0.25,
     "end": 1.0,
     "steps": 3
    },
    {
     "type": "cosine",
     "start": 1.0,
     "end": 0.1,
     "steps": 7
    }
   ]
  }
 },
 {
  "group": "Recipes",
  "name": "noam",
  "title": "The Transformer's schedule (Noam): linear warm-up, then inverse square root decay, no end",
  "unit": "step",
  "schedule": {
   "type": "chain",
   "parts": [
    {
     "type": "linear",
     "start": 0.004,
     "end": 0.1,
     "steps": 24
    },
    {
     "type": "inverse_sqrt",
     "start": 0.1,
     "timescale": 25.0
    }
   ]
  }
 },
 {
  "group": "Recipes",
  "name": "olmo",
  "title": "OLMo pretraining: linear warm-up, then linear decay to a tenth of the peak",
  "unit": "step",
  "schedule": {
   "type": "chain",
   "parts": [
    {
     "type": "linear",
     "start": 2.9999999999999997e-05,
     "end": 0.0003,
     "steps": 5000
    },
    {
     "type": "linear",
     "start": 0.0003,
     "end": 2.9999999999999997e-05,
     "steps": 471838
    }
   ]
  }
 },
 {
  "group": "Recipes",
  "name": "olmo2",
  "title": "OLMo 2 pretraining: linear warm-up, cosine decay left before its end, then linear to 0",
  "unit": "step",
  "schedule": {
   "type": "chain",
   "parts": [
    {
     "type": "linear",
     "start": 0.0,
     "end": 0.0003,
     "steps": 2000
    },
    {
     "type": "take",
     "schedule": {
      "type": "cosine",
      "start": 0.0003,
      "end": 2.9999999999999997e-05,
      "steps": 1190093
     },
     "steps": 926641
    },
    {
     "type": "scale",
     "schedule": {
      "type": "linear",
      "start": 1.0,
      "end": 0.0,
      "steps": 11921
     },
     "factor": 6.135229584953398e-05
    }
   ]
  }
 },
 {
  "group": "Recipes",
  "name": "one_cycle",
  "title": "Smith's 1cycle policy: linear up, as long linear down, then linear to almost nothing",
  "unit": "step",
  "schedule": {
   "type": "chain",
   "parts": [
    {
     "type": "linear",
     "start": 0.1,
     "end": 1.0,
     "steps": 450
    },
    {
     "type": "linear",
     "start": 1.0,
     "end": 0.1,
     "steps": 450
    },
    {
     "type": "linear",
     "start": 0.1,
     "end": 1e-05,
     "steps": 100
    }
   ]
  }
 },
 {
  "group": "Recipes",
  "name": "one_cycle_fastai",
  "title": "Fastai's 1cycle (fit_one_cycle): half a cosine up, half a cosine down to almost nothing",
  "unit": "step",
  "schedule": {
   "type": "cosine_table",
   "rates": [
    0.04,
    1.0,
    1e-05
   ],
   "knots": [
    0.0,
    25.0,
    100.0
   ]
  }
 },
 {
  "group": "Recipes",
  "name": "one_cycle_torch",
  "title": "PyTorch's 1cycle (OneCycleLR), of two phases or three, whose last rate is held",
  "unit": "step",
  "schedule": {
   "type": "cosine_table",
   "rates": [
    0.04,
    1.0,
    4e-06
   ],
   "knots": [
    0.0,
    29.0,
    99.0
   ]
  }
 },
 {
  "group": "Recipes",
  "name": "resnet50_large_batch",
  "title": "ResNet-50 on ImageNet with a large batch: a rate in proportion to it, after a warm-up",
  "unit": "step",
  "schedule": {
   "type": "chain",
   "parts": [
    {
     "type": "linear",
     "start": 0.1,
     "end": 3.2,
     "steps": 785
    },
    {
     "type": "drop",
     "schedule": {
      "type": "piecewise",
      "values": [
       3.2,
       0.32,
       0.032,
       0.0032
      ],
      "boundaries": [
       4710,
       9420,
       12560
      ],
      "steps": 14130
     },
     "count": 785
    }
   ]
  }
 },
 {
  "group": "Recipes",
  "name": "resnet_cifar",
  "title": "ResNet on CIFAR-10: step decay, a tenth at 32,000 updates and again at 48,000; 64,000 in all",
  "unit": "step",
  "schedule": {
   "type": "chain",
   "parts": [
    {
     "type": "constant",
     "value": 0.01,
     "steps": 400
    },
    {
     "type": "drop",
     "schedule": {
      "type": "piecewise",
      "values": [
       0.1,
       0.01,
       0.001
      ],
      "boundaries": [
       32000,
       48000
      ],
      "steps": 64000
     },
     "count": 400
    }
   ]
  }
 },
 {
  "group": "Recipes",
  "name": "resnet_imagenet",
  "title": "ResNet on ImageNet: step decay, a tenth after 30 epochs and again after 60; 90 in all",
  "unit": "step",
  "schedule": {
   "type": "piecewise",
   "values": [
    0.1,
    0.01,
    0.001
   ],
   "boundaries": [
    150150,
    300300
   ],
   "steps": 450450
  }
 },
 {
  "group": "Recipes",
  "name": "sgdr",
  "title": "Cosine annealing with warm restarts (SGDR): each cycle longer by the same factor",
  "unit": "step",
  "schedule": {
   "type": "chain",
   "parts": [
    {
     "type": "cosine",
     "start": 0.1,
     "end": 0.0,
     "steps": 10
    },
    {
     "type": "cosine",
     "start": 0.1,
     "end": 0.0,
     "steps": 20
    },
    {
     "type": "cosine",
     "start": 0.1,
     "end": 0.0,
     "steps": 40
    }
   ]
  }
 },
 {
  "group": "Recipes",
  "name": "slanted_triangular",
  "title": "ULMFiT's slanted triangular rate (STLR): a short linear rise, and a long linear decay",
  "unit": "step",
  "schedule": {
   "type": "chain",
   "parts": [
    {
     "type": "linear",
     "start": 0.01,
     "end": 0.32,
     "steps": 10
    },
    {
     "type": "linear",
     "start": 0.32,
     "end": 0.01,
     "steps": 90
    }
   ]
  }
 },
 {
  "group": "Recipes",
  "name": "swa",
  "title": "Stochastic weight averaging (SWA): a high rate, linear decay, then a constant rate",
  "unit": "step",
  "schedule": {
   "type": "chain",
   "parts": [
    {
     "type": "constant",
     "value": 0.1,
     "steps": 400
    },
    {
     "type": "linear",
     "start": 0.1,
     "end": 0.05,
     "steps": 320
    },
    {
     "type": "constant",
     "value": 0.05,
     "steps": 280
    }
   ]
  }
 },
 {
  "group": "Recipes",
  "name": "swa_cyclical",
  "title": "Cyclical rates for SWA: linear from peak down to end, over and over",
  "unit": "step",
  "schedule": {
   "type": "repeat",
   "schedule": {
    "type": "chain",
    "parts": [
     {
      "type": "linear",
      "start": 0.4,
      "end": 0.1,
      "steps": 3
     },
     {
      "type": "constant",
      "value": 0.1,
      "steps": 1
     }
    ]
   }
  }
 },
 {
  "group": "Recipes",
  "name": "t5",
  "title": "T5 pretraining: a constant rate, then inverse square root decay without an end",
  "unit": "step",
  "schedule": {
   "type": "chain",
   "parts": [
    {
     "type": "constant",
     "value": 0.01,
     "steps": 10000
    },
    {
     "type": "inverse_sqrt",
     "start": 0.01,
     "timescale": 10000.0
    }
   ]
  }
 },
 {
  "group": "Recipes",
  "name": "triangular",
  "title": "Cyclical learning rate (CLR): linear from base up to peak and down again, for ever",
  "unit": "step",
  "schedule": {
   "type": "repeat",
   "schedule": {
    "type": "chain",
    "parts": [
     {
      "type": "linear",
      "start": 0.001,
      "end": 0.005,
      "steps": 4
     },
     {
      "type": "linear",
      "start": 0.005,
      "end": 0.001,
      "steps": 4
     }
    ]
   }
  }
 },
 {
  "group": "Recipes",
  "name": "triangular2",
  "title": "Cyclical learning rate (CLR) whose triangles are each half as high as the one before",
  "unit": "step",
  "schedule": {
   "type": "sum",
   "parts": [
    {
     "type": "repeat",
     "schedule": {
      "type": "chain",
      "parts": [
       {
        "type": "linear",
        "start": 0.0,
        "end": 0.004,
        "steps": 4
       },
       {
        "type": "linear",
        "start": 0.004,
        "end": 0.0,
        "steps": 4
       }
      ]
     },
     "scale": 0.5
    },
    {
     "type": "constant",
     "value": 0.001
    }
   ]
  }
 },
 {
  "group": "Recipes",
  "name": "vit",
  "title": "Vision Transformer (ViT) training: linear warm-up, then linear or cosine decay to 0",
  "unit": "step",
  "schedule": {
   "type": "chain",
   "parts": [
    {
     "type": "linear",
     "start": 0.0,
     "end": 0.0008,
     "steps": 10000
    },
    {
     "type": "linear",
     "start": 0.0008,
     "end": 0.0,
     "steps": 80000
    }
   ]
  }
 },
 {
  "group": "Recipes",
  "name": "warmup",
  "title": "Linear warm-up: a straight line up to a schedule's first rate, then all of that schedule",
  "unit": "step",
  "schedule": {
   "type": "chain",
   "parts": [
    {
     "type": "linear",
     "start": 0.0,
     "end": 0.001,
     "steps": 100
    },
    {
     "type": "cosine",
     "start": 0.001,
     "end": 0.0,
     "steps": 900
    }
   ]
  }
 },
 {
  "group": "Recipes",
  "name": "warmup_cosine",
  "title": "Linear warm-up from 0, then half a cosine wave down to the end of the run",
  "unit": "step",
  "schedule": {
   "type": "chain",
   "parts": [
    {
     "type": "linear",
     "start": 0.0,
     "end": 0.001,
     "steps": 100
    },
    {
     "type": "cosine",
     "start": 0.001,
     "end": 0.0,
     "steps": 900
    }
   ]
  }
 },
 {
  "group": "Recipes",
  "name": "warmup_linear",
  "title": "Linear warm-up from 0, then a straight line down to the end of the run",
  "unit": "step",
  "schedule": {
   "type": "chain",
   "parts": [
    {
     "type": "linear",
     "start": 0.0,
     "end": 0.001,
     "steps": 100
    },
    {
     "type": "linear",
     "start": 0.001,
     "end": 0.0,
     "steps": 900
    }
   ]
  }
 },
 {
  "group": "Recipes",
  "name": "wide_resnet_cifar",
  "title": "Wide ResNet on CIFAR: step decay, a fifth after 60, 120 and 160 epochs; 200 in all",
  "unit": "step",
  "schedule": {
   "type": "piecewise",
   "values": [
    0.1,
    0.02,
    0.004,
    0.0008
   ],
   "boundaries": [
    23460,
    46920,
    62560
   ],
   "steps": 78200
  }
 },
 {
  "group": "Recipes",
  "name": "wsd",
  "title": "Warmup-stable-decay (WSD), a trapezoid: linear warm-up, a stable rate, and a cooldown",
  "unit": "step",
  "schedule": {
   "type": "chain",
   "parts": [
    {
     "type": "linear",
     "start": 0.0,
     "end": 0.001,
     "steps": 100
    },
    {
     "type": "constant",
     "value": 0.001,
     "steps": 700
    },
    {
     "type": "sqrt",
     "start": 0.001,
     "end": 0.0,
     "steps": 200
    }
   ]
  }
 },
 {
  "group": "PyTorch",
  "name": "torch.StepLR(step_size=30, gamma=0.1, lr=0.05)",
  "title": "torch.StepLR(step_size=30, gamma=0.1, lr=0.05)",
  "unit": "step",
  "schedule": {
   "type": "staircase",
   "start": 0.05,
   "ratio": 0.1,
   "every": 30
  }
 },
 {
  "group": "PyTorch",
  "name": "torch.MultiStepLR(milestones=[30, 80], gamma=0.1, lr=0.05)",
  "title": "torch.MultiStepLR(milestones=[30, 80], gamma=0.1, lr=0.05)",
  "unit": "step",
  "schedule": {
   "type": "piecewise",
   "values": [
    0.05,
    0.005000000000000001,
    0.0005000000000000001
   ],
   "boundaries": [
    30,
    80
   ]
  }
 },
 {
  "group": "PyTorch",
  "name": "torch.ExponentialLR(gamma=0.95, lr=0.05)",
  "title": "torch.ExponentialLR(gamma=0.95, lr=0.05)",
  "unit": "step",
  "schedule": {
   "type": "geometric",
   "start": 0.05,
   "ratio": 0.95
  }
 },
 {
  "group": "PyTorch",
  "name": "torch.LinearLR(start_factor=0.05, total_iters=40, lr=0.05)",
  "title": "torch.LinearLR(start_factor=0.05, total_iters=40, lr=0.05)",
  "unit": "step",
  "schedule": {
   "type": "linear",
   "start": 0.0025000000000000005,
   "end": 0.05,
   "steps": 40
  }
 },
 {
  "group": "PyTorch",
  "name": "torch.PolynomialLR(total_iters=50, power=0.9, lr=0.05)",
  "title": "torch.PolynomialLR(total_iters=50, power=0.9, lr=0.05)",
  "unit": "step",
  "schedule": {
   "type": "polynomial",
   "start": 0.05,
   "end": 0.0,
   "steps": 50,
   "power": 0.9
  }
 },
 {
  "group": "PyTorch",
  "name": "torch.CosineAnnealingLR(T_max=100, eta_min=0.001, lr=0.05)",
  "title": "torch.CosineAnnealingLR(T_max=100, eta_min=0.001, lr=0.05)",
  "unit": "step",
  "schedule": {
   "type": "repeat",
   "schedule": {
    "type": "chain",
    "parts": [
     {
      "type": "cosine",
      "start": 0.05,
      "end": 0.001,
      "steps": 100
     },
     {
      "type": "reverse",
      "schedule": {
       "type": "cosine",
       "start": 0.05,
       "end": 0.001,
       "steps": 100
      }
     }
    ]
   }
  }
 },
 {
  "group": "PyTorch",
  "name": "torch.CosineAnnealingWarmRestarts(T_0=20, lr=0.05)",
  "title": "torch.CosineAnnealingWarmRestarts(T_0=20, lr=0.05)",
  "unit": "step",
  "schedule": {
   "type": "repeat",
   "schedule": {
    "type": "cosine",
    "start": 0.05,
    "end": 0.0,
    "steps": 20
   }
  }
 },
 {
  "group": "PyTorch",
  "name": "torch.CyclicLR(base_lr=0.01, max_lr=0.1, step_size_up=10, cycle_momentum=False)",
  "title": "torch.CyclicLR(base_lr=0.01, max_lr=0.1, step_size_up=10, cycle_momentum=False)",
  "unit": "step",
  "schedule": {
   "type": "repeat",
   "schedule": {
    "type": "chain",
    "parts": [
     {
      "type": "linear",
      "start": 0.01,
      "end": 0.1,
      "steps": 10
     },
     {
      "type": "linear",
      "start": 0.1,
      "end": 0.01,
      "steps": 10
     }
    ]
   }
  }
 },
 {
  "group": "PyTorch",
  "name": "torch.OneCycleLR(max_lr=0.01, total_steps=1000, cycle_momentum=False)",
  "title": "torch.OneCycleLR(max_lr=0.01, total_steps=1000, cycle_momentum=False)",
  "unit": "step",
  "schedule": {
   "type": "strict",
   "schedule": {
    "type": "chain",
    "parts": [
     {
      "type": "cosine_table",
      "rates": [
       0.0004,
       0.01,
       4e-08
      ],
      "knots": [
       0.0,
       299.0,
       999.0
      ]
     },
     {
      "type": "linear",
      "start": 4e-08,
      "end": 9.03548385536996e-08,
      "steps": 1
     }
    ]
   }
  }
 },
 {
  "group": "Keras",
  "name": "keras.ExponentialDecay(1e-2, decay_steps=10000, decay_rate=0.9)",
  "title": "keras.ExponentialDecay(1e-2, decay_steps=10000, decay_rate=0.9)",
  "unit": "step",
  "schedule": {
   "type": "geometric",
   "start": 0.01,
   "ratio": 0.9,
   "every": 10000
  }
 },
 {
  "group": "Keras",
  "name": "keras.CosineDecay(0.0, 1000, warmup_target=0.1, warmup_steps=1000)",
  "title": "keras.CosineDecay(0.0, 1000, warmup_target=0.1, warmup_steps=1000)",
  "unit": "step",
  "schedule": {
   "type": "chain",
   "parts": [
    {
     "type": "linear",
     "start": 0.0,
     "end": 0.1,
     "steps": 1000
    },
    {
     "type": "cosine",
     "start": 0.1,
     "end": 0.0,
     "steps": 1000
    }
   ]
  }
 },
 {
  "group": "Keras",
  "name": "keras.CosineDecayRestarts(0.001, 1000)",
  "title": "keras.CosineDecayRestarts(0.001, 1000)",
  "unit": "step",
  "schedule": {
   "type": "chain",
   "parts": [
    {
     "type": "cosine",
     "start": 0.001,
     "end": 0.0,
     "steps": 1000
    },
    {
     "type": "cosine",
     "start": 0.001,
     "end": 0.0,
     "steps": 2000
    },
    {
     "type": "cosine",
     "start": 0.001,
     "end": 0.0,
     "steps": 4000
    },
    {
     "type": "cosine",
     "start": 0.001,
     "end": 0.0,
     "steps": 8000
    },
    {
     "type": "cosine",
     "start": 0.001,
     "end": 0.0,
     "steps": 16000
    },
    {
     "type": "cosine",
     "start": 0.001,
     "end": 0.0,
     "steps": 32000
    },
    {
     "type": "cosine",
     "start": 0.001,
     "end": 0.0,
     "steps": 64000
    },
    {
     "type": "cosine",
     "start": 0.001,
     "end": 0.0,
     "steps": 128000
    },
    {
     "type": "cosine",
     "start": 0.001,
     "end": 0.0,
     "steps": 256000
    },
    {
     "type": "cosine",
     "start": 0.001,
     "end": 0.0,
     "steps": 512000
    },
    {
     "type": "cosine",
     "start": 0.001,
     "end": 0.0,
     "steps": 1024000
    },
    {
     "type": "cosine",
     "start": 0.001,
     "end": 0.0,
     "steps": 2048000
    },
    {
     "type": "cosine",
     "start": 0.001,
     "end": 0.0,
     "steps": 4096000
    },
    {
     "type": "cosine",
     "start": 0.001,
     "end": 0.0,
     "steps": 8192000
    },
    {
     "type": "cosine",
     "start": 0.001,
     "end": 0.0,
     "steps": 16384000
    },
    {
     "type": "cosine",
     "start": 0.001,
     "end": 0.0,
     "steps": 32768000
    },
    {
     "type": "cosine",
     "start": 0.001,
     "end": 0.0,
     "steps": 65536000
    },
    {
     "type": "cosine",
     "start": 0.001,
     "end": 0.0,
     "steps": 131072000
    },
    {
     "type": "cosine",
     "start": 0.001,
     "end": 0.0,
     "steps": 262144000
    },
    {
     "type": "cosine",
     "start": 0.001,
     "end": 0.0,
     "steps": 524288000
    },
    {
     "type": "cosine",
     "start": 0.001,
     "end": 0.0,
     "steps": 1048576000
    },
    {
     "type": "cosine",
     "start": 0.001,
     "end": 0.0,
     "steps": 2097152000
    },
    {
     "type": "cosine",
     "start": 0.001,
     "end": 0.0,
     "steps": 4194304000
    },
    {
     "type": "cosine",
     "start": 0.001,
     "end": 0.0,
     "steps": 8388608000
    },
    {
     "type": "cosine",
     "start": 0.001,
     "end": 0.0,
     "steps": 16777216000
    },
    {
     "type": "cosine",
     "start": 0.001,
     "end": 0.0,
     "steps": 33554432000
    },
    {
     "type": "cosine",
     "start": 0.001,
     "end": 0.0,
     "steps": 67108864000
    },
    {
     "type": "cosine",
     "start": 0.001,
     "end": 0.0,
     "steps": 134217728000
    },
    {
     "type": "cosine",
     "start": 0.001,
     "end": 0.0,
     "steps": 268435456000
    },
    {
     "type": "cosine",
     "start": 0.001,
     "end": 0.0,
     "steps": 536870912000
    },
    {
     "type": "cosine",
     "start": 0.001,
     "end": 0.0,
     "steps": 1073741824000
    },
    {
     "type": "cosine",
     "start": 0.001,
     "end": 0.0,
     "steps": 2147483648000
    },
    {
     "type": "cosine",
     "start": 0.001,
     "end": 0.0,
     "steps": 4294967296000
    },
    {
     "type": "cosine",
     "start": 0.001,
     "end": 0.0,
     "steps": 8589934592000
    },
    {
     "type": "cosine",
     "start": 0.001,
     "end": 0.0,
     "steps": 17179869184000
    },
    {
     "type": "cosine",
     "start": 0.001,
     "end": 0.0,
     "steps": 34359738368000
    },
    {
     "type": "cosine",
     "start": 0.001,
     "end": 0.0,
     "steps": 68719476736000
    },
    {
     "type": "cosine",
     "start": 0.001,
     "end": 0.0,
     "steps": 137438953472000
    },
    {
     "type": "cosine",
     "start": 0.001,
     "end": 0.0,
     "steps": 274877906944000
    },
    {
     "type": "cosine",
     "start": 0.001,
     "end": 0.0,
     "steps": 549755813888000
    },
    {
     "type": "cosine",
     "start": 0.001,
     "end": 0.0,
     "steps": 1099511627776000
    },
    {
     "type": "cosine",
     "start": 0.001,
     "end": 0.0,
     "steps": 2199023255552000
    },
    {
     "type": "cosine",
     "start": 0.001,
     "end": 0.0,
     "steps": 4398046511104000
    },
    {
     "type": "cosine",
     "start": 0.001,
     "end": 0.0,
     "steps": 8796093022208000
    }
   ]
  }
 },
 {
  "group": "Keras",
  "name": "keras.InverseTimeDecay(0.1, 1, 0.5)",
  "title": "keras.InverseTimeDecay(0.1, 1, 0.5)",
  "unit": "step",
  "schedule": {
   "type": "inverse_time",
   "start": 0.1,
   "rate": 0.5
  }
 },
 {
  "group": "Keras",
  "name": "keras.PiecewiseConstantDecay([100000, 110000], [1.0, 0.5, 0.1])",
  "title": "keras.PiecewiseConstantDecay([100000, 110000], [1.0, 0.5, 0.1])",
  "unit": "step",
  "schedule": {
   "type": "piecewise",
   "values": [
    1.0,
    0.5,
    0.1
   ],
   "boundaries": [
    100001,
    110001
   ]
  }
 },
 {
  "group": "Keras",
  "name": "keras.PolynomialDecay(0.1, 10000, 0.01, power=0.5)",
  "title": "keras.PolynomialDecay(0.1, 10000, 0.01, power=0.5)",
  "unit": "step",
  "schedule": {
   "type": "polynomial",
   "start": 0.1,
   "end": 0.01,
   "steps": 10000,
   "power": 0.5
  }
 },
 {
  "group": "optax",
  "name": "optax.warmup_cosine_decay_schedule(0.0, 1.0, 50, 1000, end_value=0.0)",
  "title": "optax.warmup_cosine_decay_schedule(0.0, 1.0, 50, 1000, end_value=0.0)",
  "unit": "step",
  "schedule": {
   "type": "chain",
   "parts": [
    {
     "type": "linear",
     "start": 0.0,
     "end": 1.0,
     "steps": 50
    },
    {
     "type": "cosine",
     "start": 1.0,
     "end": 0.0,
     "steps": 950
    }
   ]
  }
 },
 {
  "group": "optax",
  "name": "optax.cosine_onecycle_schedule(1000, 0.1)",
  "title": "optax.cosine_onecycle_schedule(1000, 0.1)",
  "unit": "step",
  "schedule": {
   "type": "cosine_table",
   "rates": [
    0.004,
    0.1,
    4e-07
   ],
   "knots": [
    0.0,
    300.0,
    1000.0
   ]
  }
 },
 {
  "group": "optax",
  "name": "optax.exponential_decay(0.1, transition_steps=1000, decay_rate=0.9)",
  "title": "optax.exponential_decay(0.1, transition_steps=1000, decay_rate=0.9)",
  "unit": "step",
  "schedule": {
   "type": "geometric",
   "start": 0.1,
   "ratio": 0.9,
   "every": 1000
  }
 },
 {
  "group": "Transformers",
  "name": "transformers.get_linear_schedule_with_warmup(100, 1000, lr=5e-5)",
  "title": "transformers.get_linear_schedule_with_warmup(100, 1000, lr=5e-5)",
  "unit": "step",
  "schedule": {
   "type": "chain",
   "parts": [
    {
     "type": "linear",
     "start": 0.0,
     "end": 5e-05,
     "steps": 100
    },
    {
     "type": "linear",
     "start": 5e-05,
     "end": 0.0,
     "steps": 900
    }
   ]
  }
 },
 {
  "group": "Transformers",
  "name": "transformers.get_cosine_schedule_with_warmup(100, 1000, lr=5e-5)",
  "title": "transformers.get_cosine_schedule_with_warmup(100, 1000, lr=5e-5)",
  "unit": "step",
  "schedule": {
   "type": "chain",
   "parts": [
    {
     "type": "linear",
     "start": 0.0,
     "end": 5e-05,
     "steps": 100
    },
    {
     "type": "cosine_wave",
     "start": 5e-05,
     "end": 0.0,
     "period": 1800.0
    }
   ]
  }
 },
 {
  "group": "Transformers",
  "name": "transformers.get_cosine_with_hard_restarts_schedule_with_warmup(100, 1000, 2, lr=5e-5)",
  "title": "transformers.get_cosine_with_hard_restarts_schedule_with_warmup(100, 1000, 2, lr=5e-5)",
  "unit": "step",
  "schedule": {
   "type": "chain",
   "parts": [
    {
     "type": "linear",
     "start": 0.0,
     "end": 5e-05,
     "steps": 100
    },
    {
     "type": "repeat",
     "schedule": {
      "type": "cosine",
      "start": 5e-05,
      "end": 0.0,
      "steps": 450
     },
     "times": 2
    }
   ]
  }
 },
 {
  "group": "Transformers",
  "name": "transformers.get_constant_schedule_with_warmup(100, lr=5e-5)",
  "title": "transformers.get_constant_schedule_with_warmup(100, lr=5e-5)",
  "unit": "step",
  "schedule": {
   "type": "chain",
   "parts": [
    {
     "type": "linear",
     "start": 0.0,
     "end": 5e-05,
     "steps": 100
    },
    {
     "type": "constant",
     "value": 5e-05
    }
   ]
  }
 },
 {
  "group": "timm",
  "name": "timm.CosineLRScheduler(200, lr_min=1e-4, warmup_t=20, warmup_lr_init=1e-4, lr=0.05)",
  "title": "timm.CosineLRScheduler(200, lr_min=1e-4, warmup_t=20, warmup_lr_init=1e-4, lr=0.05)",
  "unit": "step",
  "schedule": {
   "type": "chain",
   "parts": [
    {
     "type": "linear",
     "start": 0.0001,
     "end": 0.05,
     "steps": 20
    },
    {
     "type": "drop",
     "schedule": {
      "type": "cosine",
      "start": 0.05,
      "end": 0.0001,
      "steps": 200
     },
     "count": 20
    }
   ]
  }
 },
 {
  "group": "Paddle",
  "name": "paddle.NoamDecay(512, 4000)",
  "title": "paddle.NoamDecay(512, 4000)",
  "unit": "step",
  "schedule": {
   "type": "chain",
   "parts": [
    {
     "type": "linear",
     "start": 0.0,
     "end": 0.0006987712429686843,
     "steps": 4000
    },
    {
     "type": "inverse_sqrt",
     "start": 0.0006987712429686843,
     "timescale": 4000.0
    }
   ]
  }
 },
 {
  "group": "Megatron",
  "name": "megatron.OptimizerParamScheduler(0.0, 6e-5, 6e-6, 183105, 200000000, \"cosine\")",
  "title": "megatron.OptimizerParamScheduler(0.0, 6e-5, 6e-6, 183105, 200000000, \"cosine\")",
  "unit": "step",
  "schedule": {
   "type": "chain",
   "parts": [
    {
     "type": "linear",
     "start": 0.0,
     "end": 6e-05,
     "steps": 183105
    },
    {
     "type": "cosine",
     "start": 6e-05,
     "end": 6e-06,
     "steps": 199816895
    }
   ]
  }
 }
];
