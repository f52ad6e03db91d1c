# SPDX-License-Identifier: GPL-3.0-or-later
# A vowel of known formants at a pitch, made by Praat, and what formants.praat would say of it: pulses through five
# resonances that do not change with the pitch.
form Known
  real f0
  real f1
  real f2
  real ceiling_hz
endform
pitch = Create PitchTier: "pitch", 0, 1
Add point: 0.5, f0
source = To Sound (pulse train): 24000, 1, 0.05, 200, "no"
De-emphasize (in-place): 50
grid = Create FormantGrid: "vowel", 0, 1, 5, 550, 1100, 80, 30
f3 = max (2750, f2 + 500)
f4 = max (3800, f3 + 600)
f [1] = f1
f [2] = f2
f [3] = f3
f [4] = f4
for i to 4
  Remove formant points between: i, 0, 1
  Add formant point: i, 0.5, f [i]
endfor
selectObject: source, grid
sound = Filter
To Formant (burg): 0.005, 5, ceiling_hz, 0.025, 50
found1 = Get quantile: 1, 0.25, 0.75, "hertz", 0.5
found2 = Get quantile: 2, 0.25, 0.75, "hertz", 0.5
writeInfoLine: fixed$ (f0, 2), " ", fixed$ (found1, 1), " ", fixed$ (found2, 1)
