# SPDX-License-Identifier: GPL-3.0-or-later
# Medians of the first two formants between two times, by Praat's linear prediction (Burg), and of the pitch.
form Formants
  sentence in
  real start
  real end
  real ceiling_hz
endform
sound = Read from file: in$
pitch = To Pitch (ac): 0.01, 60, 15, "no", 0.03, 0.45, 0.05, 0.35, 0.14, 1200
f0 = Get quantile: start, end, 0.5, "Hertz"
selectObject: sound
To Formant (burg): 0.005, 5, ceiling_hz, 0.025, 50
f1 = Get quantile: 1, start, end, "hertz", 0.5
f2 = Get quantile: 2, start, end, "hertz", 0.5
writeInfoLine: fixed$ (f0, 2), " ", fixed$ (f1, 1), " ", fixed$ (f2, 1)
