# What R's `survey` package makes of three waves of the oracle's region: the slope of its figures, and what it comes to.
#   Rscript tendance.R DATA_FOLDER RESULTS_FOLDER
waves <- c("V1", "V2", "V3")
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE), fixed = TRUE))
source(file.path(here, "design.R"))
finite <- TRUE
design <- design_of(people)
# the first day of each wave's field work, in years: not as far apart the second time
when <- c(V1 = 2019 + 9 / 12, V2 = 2022 + 9 / 12, V3 = 2024 + 4 / 12)
away <- when - mean(when)

trend <- over(data.frame(vague = "V3", question_code = setdiff(questions$question, multiple)), function(cell) {
  q <- cell$question_code
  kind <- if (has(q, "note")) "note" else "taux"
  name <- paste(q, kind, sep = ".")
  domain <- domain_of(rep(TRUE, nrow(people)), q)
  by <- svyby(as.formula(paste0("~", name)), ~vague, domain, svymean, covmat = TRUE)
  slope <- svycontrast(by, away / sum(away^2))
  of_wave <- lapply(waves, function(wave) domain[domain$variables$vague == wave, ])
  beside <- sapply(of_wave, function(d) borrowed(d$variables, d$variables[[name]]) / sum(d$variables$w)^2)
  error <- sqrt(as.vector(SE(slope))^2 + sum((away / sum(away^2))^2 * beside))
  stopifnot(all.equal(as.vector(coef(slope)), as.vector(coef(lm(coef(by) ~ when))[2])))
  df <- sapply(of_wave, freedom)
  whole <- satterthwaite(away^2 * (as.vector(SE(by))^2 + beside), df, sum(df) - 1)
  years <- max(when) - min(when)
  gap <- as.vector(coef(slope)) * years
  data.frame(vague = cell$vague, question_code = q, mesure = kind, nb_vagues = 3L, duree = years,
             base_brute = min(sapply(of_wave, function(d) nrow(d$variables))),
             pente = as.vector(coef(slope)), erreur_type = error, ecart = gap, p_valeur = p_value(gap, error * years, whole))
})
trend$p_valeur_ajustee <- p.adjust(trend$p_valeur, method = "BH")
write(trend, "tendance")
